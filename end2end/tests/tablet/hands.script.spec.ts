// Other hands on the tablet: the respondent's own, a team at a desk, whoever stands at a kiosk, a keyboard; and how it
// looks.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "../../support/test.js";
import { answer, begin, enrol, PIN, ready, type Tablet, tablet, unlock } from "../../support/field.js";
import { linked, Office, ROUND, type Team } from "../../support/round.js";
import { signIn } from "../../support/staff.js";
import { openWay, type Way } from "../../support/way.js";

let office: Office;
let way: Way;
let device: Tablet;

test.describe.configure({ timeout: 180_000 });

test.beforeAll(async ({ browser, server }) => {
  office = await Office.open(server, browser);
});

test.afterAll(() => office.close());

test.beforeEach(async ({ server }) => {
  way = await openWay(server.url);
  device = await tablet(way.url);
});

test.afterEach(async () => {
  await device.stop();
  await way.close();
});

test("who answers alone is locked away from the interviewer, after a break too", async ({ server }) => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await enrol(device.page, await team.code());
  await ready(device.page);
  await device.page.getByRole("button", { name: "Danh sách", exact: true }).click();
  await device.page.getByRole("button", { name: /^3\. / }).click();
  await device.page.getByRole("button", { name: "Bắt đầu phỏng vấn" }).click();
  await device.page.getByRole("button", { name: "Đồng ý, đưa máy cho người trả lời" }).click();
  await answer(device.page, 2, 2);
  const second = await device.page.getByRole("heading", { level: 1 }).textContent();
  await device.kill();
  await device.start();
  await unlock(device.page);
  await expect(device.page.getByRole("heading", { level: 1, name: "Phiếu tự điền dang dở" })).toBeVisible();
  await expectAccessible(device.page);
  await device.page.getByRole("button", { name: "Đưa máy để điền tiếp" }).click();
  await expect(device.page.getByRole("heading", { level: 1 })).toHaveText(second ?? "");
  await expect(device.page.getByRole("button", { name: "Trước" })).toHaveCount(0);
  await answer(device.page, 2);
  await device.page.getByRole("button", { name: "Gửi phiếu" }).click();
  await expect(device.page.getByRole("heading", { level: 1, name: "Xin trân trọng cảm ơn Ông/Bà!" })).toBeVisible();
  await expectAccessible(device.page);
  await device.page.getByRole("button", { name: "Người phỏng vấn: nhập PIN" }).click();
  await unlock(device.page);
  await expect(device.page.getByRole("heading", { level: 1, name: "Hôm nay" })).toBeVisible();
  await expect.poll(() => linked(server, team), { timeout: 20_000 }).toBe(1);
});

test("a team at a desk asks every third, counts all, and stops at its lease", async ({ server }) => {
  const team = await office.interceptTeam(2, ["Trần Văn Bảy"]);
  await enrol(device.page, await team.code());
  await expect(device.page.getByText("chưa có chỉ tiêu ở 1 quầy")).toBeVisible({ timeout: 30_000 });
  await device.page.getByRole("button", { name: /Bộ phận Một cửa/ }).click();
  await device.page.getByRole("button", { name: "Xin thêm phiếu" }).click();
  await expect(device.page.locator("dt", { hasText: "Còn được phỏng vấn" }).locator("+ dd")).toHaveText("2");
  const pass = device.page.getByRole("button", { name: "Một người đi ra" });
  await pass.click();
  await expect(device.page.getByText("Còn 2 người nữa thì mời.")).toBeVisible();
  await pass.click();
  await pass.click();
  await device.page.getByRole("button", { name: "Từ chối", exact: true }).click();
  await expectAccessible(device.page);
  for (let interviews = 0; interviews < 2; interviews += 1) {
    for (let people = 0; people < 3; people += 1) await pass.click();
    await device.page.getByRole("button", { name: "Đồng ý, phỏng vấn" }).click();
    await device.page.getByRole("button", { name: "Đồng ý, bắt đầu" }).click();
    await answer(device.page);
    way.cut = true;
    await device.page.getByRole("button", { name: "Lưu phiếu" }).click();
    await expect(device.page.getByRole("heading", { level: 1, name: "Bộ phận Một cửa" })).toBeVisible();
  }
  for (let people = 0; people < 3; people += 1) await pass.click();
  await expect(device.page.getByText("Đã hết số phiếu được giao cho máy này.")).toBeVisible();
  await expect(device.page.getByRole("button", { name: "Đồng ý, phỏng vấn" })).toHaveCount(0);
  way.cut = false;
  await device.page.getByRole("button", { name: "Về đầu" }).click();
  await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
  await device.page.getByRole("button", { name: "Gửi ngay" }).click();
  const held = `SELECT COUNT(*) FROM post_response p JOIN post q ON q.id = p.post_id WHERE q.team_id = ${team.id} AND p.beyond = 0`;
  await expect.poll(() => server.rows(held)).toEqual([[2]]);
  const shift = `SELECT s.passers, s.asked, s.refused FROM shift s JOIN post q ON q.id = s.post_id WHERE q.team_id = ${team.id}`;
  await expect.poll(() => server.rows(shift)).toEqual([[12, 3, 1]]);
});

/** The page becomes a kiosk whose time the test makes. */
async function stand(page: Page, team: Team): Promise<void> {
  await page.clock.install();
  await page.reload();
  await page.getByLabel("Mã ghi danh").fill(await team.code());
  await page.getByRole("button", { name: "Ghi danh máy" }).click();
}

test("a kiosk keeps a tap, asks who is idle, and ignores a hasty hand", async ({ server }) => {
  const team = await office.kiosk();
  const { page } = device;
  await stand(page, team);
  const face = page.getByRole("button", { name: "Hài lòng, mức 4 trên 5" });
  await expect(face).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "test-results/tablet-kiosk-800.png" });
  await face.click();
  await page.getByRole("button", { name: "Đánh giá kỹ hơn" }).click();
  await answer(page, 5, 1);
  for (let seconds = 0; seconds < 62; seconds += 1) await page.clock.runFor(1_000);
  await expect(page.getByText(/Ông\/Bà còn trả lời không\? Về trang đầu sau \d+ giây/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Tôi đang trả lời" }).click();
  await page.clock.runFor(2_000);
  await expect(page.getByText(/Ông\/Bà còn trả lời không/)).toHaveCount(0);
  for (let seconds = 0; seconds < 82; seconds += 1) await page.clock.runFor(1_000);
  await expect(face).toBeVisible();
  await face.click();
  await page.getByRole("button", { name: "Thế là đủ" }).click();
  await page.getByRole("button", { name: "Người tiếp theo" }).click();
  await expect(page.getByRole("button", { name: "Người tiếp theo" })).toBeVisible();
  // Told before the page's time runs ahead of the server's again: the later count is the one that stands.
  const presses = `SELECT p.taps, p.ignored, p.abandoned FROM presses p JOIN post q ON q.id = p.post_id WHERE q.team_id = ${team.id}`;
  await expect.poll(() => server.rows(presses), { timeout: 8_000 }).toEqual([[2, 1, 1]]);
  await page.clock.runFor(4_000);
  await page.getByRole("button", { name: "Người tiếp theo" }).click();
  await expect(face).toBeVisible();
  for (let seconds = 0; seconds < 20; seconds += 1) await page.clock.runFor(1_000);
  // Of a kiosk, at its desk: a form that was left behind after its first page, and a tap alone.
  const stored = `SELECT r.mode, r.phase FROM response r JOIN field_device f ON f.device_id = r.device_id WHERE f.team_id = ${team.id} AND r.desk_id IS NOT NULL ORDER BY r.received_at, r.id`;
  await expect.poll(() => server.rows(stored)).toEqual([[2, 1], [2, 0]]);
});

test("a kiosk is back at the faces 15 s after a tap, and the next visitor's form is another one", async ({ server }) => {
  const team = await office.kiosk();
  const { page } = device;
  await stand(page, team);
  const face = page.getByRole("button", { name: "Rất hài lòng, mức 5 trên 5" });
  await face.click();
  const more = page.getByRole("button", { name: "Đánh giá kỹ hơn" });
  await expect(more).toBeVisible();
  for (let seconds = 0; seconds < 13; seconds += 1) await page.clock.runFor(1_000);
  await expect(more).toBeVisible();
  for (let seconds = 0; seconds < 3; seconds += 1) await page.clock.runFor(1_000);
  await expect(face).toBeVisible();
  await page.getByRole("button", { name: "Hài lòng, mức 4 trên 5" }).click();
  await more.click();
  await answer(page, 1, 1);
  // Whoever finds a form that was left behind says so, and begins at the faces.
  for (let seconds = 0; seconds < 62; seconds += 1) await page.clock.runFor(1_000);
  await page.getByRole("button", { name: "Tôi là người khác" }).click();
  await expect(face).toBeVisible();
  for (let seconds = 0; seconds < 20; seconds += 1) await page.clock.runFor(1_000);
  const stored = `SELECT r.phase FROM response r JOIN field_device f ON f.device_id = r.device_id WHERE f.team_id = ${team.id} ORDER BY r.received_at, r.id`;
  await expect.poll(() => server.rows(stored)).toEqual([[0], [1]]);
});

test("a child at play at a kiosk is a burst, which who controls quality sees and leaves out", async ({ browser, server }, info) => {
  const team = await office.kiosk();
  const { page } = device;
  await stand(page, team);
  const face = page.getByRole("button", { name: "Rất không hài lòng, mức 1 trên 5" });
  // Without a network, so that all of it comes in one parcel.
  await expect(face).toBeVisible();
  way.cut = true;
  for (let taps = 0; taps < 8; taps += 1) {
    await face.click();
    await page.getByRole("button", { name: "Thế là đủ" }).click();
    await expect(page.getByText("Phiếu đã được ghi.")).toBeVisible();
    await page.clock.runFor(4_000);
    await page.getByRole("button", { name: "Người tiếp theo" }).click();
  }
  await expect(face).toBeVisible();
  way.cut = false;
  const stored = `SELECT COUNT(*), SUM(r.marks & 64 <> 0), SUM(r.standing = 4) FROM response r JOIN field_device f ON f.device_id = r.device_id WHERE f.team_id = ${team.id}`;
  await expect
    .poll(async () => {
      await page.clock.runFor(5_000);
      return server.rows(stored);
    })
    .toEqual([[8, 8, 0]]);

  const context = await browser.newContext({ baseURL: server.url, locale: "vi-VN" });
  const staff = await context.newPage();
  await signIn(staff, server, "admin", "so-noi-vu");
  await staff.goto(`/quan-tri/chat-luong/${ROUND}`);
  await staff.getByRole("link", { name: "Máy đặt tại quầy" }).click();
  const bursts = staff.getByRole("table").nth(1).getByRole("row");
  await expect(bursts.last()).toContainText(/8(2[89]|3\d) giây/);
  for (const width of [360, 768, 1280]) {
    await staff.setViewportSize({ width, height: 800 });
    await staff.screenshot({ path: info.outputPath(`may-${width}.png`), fullPage: true });
    const wider = await staff.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `the kiosks at ${width} have to be scrolled sideways`).toBeLessThanOrEqual(0);
  }
  await expectAccessible(staff);
  await staff.getByRole("link", { name: "Kiểm tra chất lượng của đợt" }).click();
  await staff.getByRole("checkbox", { name: "Loại 8 phiếu này" }).check();
  await staff.screenshot({ path: info.outputPath("quy-tac.png"), fullPage: true });
  await staff.locator("form", { has: staff.getByRole("checkbox", { name: "Loại 8 phiếu này" }) }).getByRole("button").click();
  await expect(staff.getByRole("status")).toContainText("Đã loại 8 phiếu theo quy tắc.");
  expect(await server.rows(stored)).toEqual([[8, 8, 8]]);
  await context.close();
});

test("a keyboard is enough, from enrolment to the saved form", async () => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  const { page } = device;
  const tabTo = async (name: string) => {
    for (let steps = 0; steps < 60; steps += 1) {
      const here = await page.evaluate(() => {
        const at = document.activeElement as HTMLElement | null;
        return at?.getAttribute("aria-label") ?? (at as HTMLInputElement | null)?.labels?.[0]?.textContent ?? at?.textContent ?? "";
      });
      if (here.trim() === name) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not reach ${name}`);
  };
  await tabTo("Mã ghi danh");
  await page.keyboard.type(await team.code());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Đặt PIN" })).toBeVisible();
  await tabTo("PIN (6 chữ số)");
  await page.keyboard.type(PIN);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PIN);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Hôm nay" })).toBeVisible();
  await tabTo("Danh sách");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Danh sách" })).toBeVisible();
  await page.getByRole("button", { name: /^1\. / }).focus();
  await page.keyboard.press("Enter");
  await tabTo("Bắt đầu phỏng vấn");
  await page.keyboard.press("Enter");
  await tabTo("Đồng ý, bắt đầu");
  await page.keyboard.press("Enter");
  for (let screens = 0; screens < 20; screens += 1) {
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    if (title === "Kết thúc") break;
    if (screens === 1) {
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Space");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      expect(await page.locator(".tab-scale :checked").count()).toBe(1);
    }
    await tabTo("Tiếp");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(title ?? "");
  }
  await tabTo("Lưu phiếu");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Danh sách" })).toBeVisible();
});

for (const [width, height] of [[800, 1280], [1280, 800]] as const) {
  test(`every screen is accessible and fits ${width} × ${height}`, async () => {
    const { page } = device;
    const team = await office.sampleTeam(42, ["Nguyễn Thị Lan"]);
    await page.setViewportSize({ width, height });
    let shots = 0;
    const look = async (name: string) => {
      shots += 1;
      // Once the kit is here, everything says that the round is an exercise.
      const marked = shots > 2 && !name.startsWith("pin");
      await expect(page.getByText(/^(SỐ LIỆU MÔ PHỎNG|SIMULATED DATA)$/)).toHaveCount(marked ? 1 : 0);
      await expectAccessible(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(over, name).toBeLessThanOrEqual(0);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("button, .tab-tile, .tab-option, .tab-check, .tab-field, summary")]
          .filter((each) => each.offsetParent !== null && !each.classList.contains("tab-hidden") && each.getBoundingClientRect().height < 56)
          .map((each) => each.textContent),
      );
      expect(small, `${name}: targets under 56 px`).toEqual([]);
      await page.screenshot({ path: `test-results/tablet-${width}-${String(shots).padStart(2, "0")}-${name}.png` });
    };
    await look("enrol");
    await page.getByLabel("Mã ghi danh").fill(await team.code());
    await page.getByRole("button", { name: "Ghi danh máy" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Đặt PIN" })).toBeVisible();
    await look("choose-pin");
    await page.getByLabel("PIN (6 chữ số)").fill(PIN);
    await page.getByLabel("Nhập lại PIN").fill(PIN);
    await page.getByRole("button", { name: "Đặt PIN" }).last().click();
    await ready(page);
    await look("home");
    await page.getByRole("button", { name: "Danh sách", exact: true }).click();
    await look("people");
    await page.getByLabel("Tìm theo số, tên, địa chỉ").fill("truong tho");
    await look("people-search");
    await page.getByLabel("Tìm theo số, tên, địa chỉ").fill("");
    await page.getByRole("button", { name: /^2\. / }).click();
    await look("person");
    await page.getByRole("button", { name: "Không có nhà" }).click();
    await expect(page.getByText("đã đến 1 ngày, chưa gặp")).toBeVisible();
    await page.getByRole("button", { name: "Từ chối" }).click();
    await page.getByLabel("Lý do").fill("Từ chối hai lần");
    await look("replace");
    await page.getByRole("button", { name: /^Thay bằng số 43/ }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Số 43" })).toBeVisible();
    await page.getByRole("button", { name: "Bắt đầu phỏng vấn" }).click();
    await look("consent");
    await page.getByRole("button", { name: "Đồng ý, bắt đầu" }).click();
    for (let screens = 0; screens < 20; screens += 1) {
      await look(`interview-${screens}`);
      if ((await page.getByRole("heading", { level: 1 }).textContent()) === "Kết thúc") break;
      await answer(page, 4, 1);
    }
    await page.getByRole("button", { name: "Lưu phiếu" }).click();
    await page.getByRole("button", { name: "Về đầu" }).click();
    await page.getByRole("button", { name: "Phiếu trong máy" }).click();
    await look("outbox");
    await page.getByRole("button", { name: "English" }).click();
    await look("outbox-en");
    await page.getByRole("button", { name: "Home" }).click();
    await page.getByRole("button", { name: "Lock" }).click();
    await look("pin-en");
  });
}

test("a person that began by mistake leaves no trace", async () => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await enrol(device.page, await team.code());
  await ready(device.page);
  await begin(device.page, 5);
  await device.page.getByRole("button", { name: "Bỏ phiếu này" }).click();
  await expect(device.page.getByText("Chưa có phiếu nào trong máy.")).toBeVisible();
});
