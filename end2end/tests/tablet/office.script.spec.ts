// Tablets and the server's own field API: codes from the page of a team, replacements, quotas that are shared, sign-out from
// afar, a desk, a kiosk, a file carried by hand.
import { readFile } from "node:fs/promises";
import { expect, expectAccessible, test } from "../../support/test.js";
import { answer, enrol, interview, PIN, ready, rushDesk, save, type Tablet, tablet, unlock } from "../../support/field.js";
import { linked, Office } from "../../support/round.js";
import { openWay, type Way } from "../../support/way.js";

const DAY = 24 * 3_600_000;

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

const press = (name: string, of = device) => of.page.getByRole("button", { name, exact: true }).click();

/** Sends until the device says this. */
async function sent(words: string | RegExp, of = device): Promise<void> {
  await expect(async () => {
    await press("Gửi ngay", of);
    await expect(of.page.getByText(words)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}

test("the QR of a supervisor fills the code in, and the address forgets it", async () => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"], 2);
  const code = await team.code();
  const { page } = device;
  await page.goto("about:blank");
  await page.goto(`${way.url}/thuc-dia/#${code}`);
  await expect(page.getByLabel("Mã ghi danh")).toHaveValue(code.replaceAll("-", ""));
  expect(page.url()).toBe(`${way.url}/thuc-dia/`);
  await press("Ghi danh máy");
  await page.getByLabel("PIN (6 chữ số)").fill(PIN);
  await page.getByLabel("Nhập lại PIN").fill(PIN);
  await page.getByRole("button", { name: "Đặt PIN" }).last().click();
  await ready(page);
  await expect(page.getByText(/^5 người · /)).toBeVisible();
  // The same code again, while somebody works here, says nothing; locked, it is a code that is not good any more.
  await page.evaluate((hash) => { location.hash = hash; }, code);
  await expect(page.getByRole("heading", { level: 1, name: "Hôm nay" })).toBeVisible();
  await press("Khoá máy");
  await page.evaluate((hash) => { location.hash = `${hash}A`; }, code);
  await expect(page.getByLabel("Mã ghi danh")).toHaveValue(`${code.replaceAll("-", "")}A`);
  await press("Ghi danh máy");
  await expect(page.getByText("Mã không đúng, đã dùng hoặc đã hết hạn.")).toBeVisible();
});

test("three days of a closed door, a replacement with its reason, and the server counts the days", async ({ server }) => {
  const team = await office.sampleTeam(6, ["Nguyễn Thị Lan"], 3);
  const { page } = device;
  // Three days pass for the tablet and none for the server: it heard of the server's clock two days ago.
  const start = Date.now() - 2 * DAY;
  await page.route("**/api/v1/field/kit*", async (route) => {
    // Once the way is cut there is no answer.
    const response = await route.fetch().catch(() => undefined);
    if (response === undefined) return route.abort();
    const kit = await response.json();
    await route.fulfill({ response, json: { ...kit, server_time: kit.server_time - 2 * DAY } });
  });
  await page.clock.setFixedTime(start);
  await enrol(page, await team.code());
  await ready(page);
  way.cut = true;
  for (let day = 0; day < 3; day += 1) {
    await page.clock.setFixedTime(start + day * DAY);
    if (day > 0) await unlock(page);
    await press("Danh sách");
    await page.getByRole("button", { name: /^1\. / }).click();
    await press("Không có nhà");
    await expect(page.getByText(day < 2 ? `đã đến ${day + 1} ngày, chưa gặp` : "không gặp sau 3 ngày")).toBeVisible();
    await press("Danh sách");
    await press("Về đầu");
  }
  await press("Danh sách");
  await page.getByLabel("Xem cả người đã xong").check();
  await page.getByRole("button", { name: /^1\. / }).click();
  await page.getByRole("button", { name: /^Thay bằng số \d+/ }).click();
  await expect(page.getByText("Xin ghi lý do.")).toBeVisible();
  await page.getByLabel("Lý do").fill("Ba ngày không gặp");
  await page.getByRole("button", { name: /^Thay bằng số \d+/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Số [789]$/ })).toBeVisible();
  await press("Bắt đầu phỏng vấn");
  await press("Đồng ý, bắt đầu");
  await answer(page, 4);
  await save(page);
  await press("Về đầu");
  await press("Phiếu trong máy");
  way.cut = false;
  await sent("Phiếu duy nhất đã nhận. Tắt máy được.");
  const of = `JOIN assignment a ON a.unit_id = x.unit_id WHERE a.team_id = ${team.id}`;
  await expect.poll(async () => {
    await press("Gửi ngay");
    return (await server.rows(`SELECT COUNT(*), COUNT(DISTINCT x.day) FROM attempt x ${of} AND x.outcome = 3`))[0];
  }).toEqual([3, 3]);
  await expect.poll(() => server.rows(`SELECT x.reason FROM replacement x ${of}`)).toEqual([["Ba ngày không gặp"]]);
  const linked = `SELECT COUNT(*) FROM sample_link x JOIN replacement p ON p.by_id = x.unit_id ${of}`;
  expect(await server.rows(linked)).toEqual([[1]]);
  // One of six and its replacement: the one given up stays in the denominator.
  expect(await team.page()).toContain("1 / (1 + 0 + 0 + 1 + 0 + 5)");
});

test("two tablets without a network share thirty interviews and never make thirty-one", async ({ server }) => {
  test.setTimeout(400_000);
  const people = ["Trần Văn Bảy", "Lê Hồng Đào"];
  const team = await office.interceptTeam(30, people);
  const other = await tablet(way.url);
  try {
    for (const [at, each] of [device, other].entries()) {
      await enrol(each.page, await team.code(people[at]));
      // Without a share of the quota nobody is sent out.
      await expect(each.page.getByText("chưa có chỉ tiêu ở 1 quầy")).toBeVisible({ timeout: 30_000 });
      await each.page.getByRole("button", { name: /Bộ phận Một cửa/ }).click();
      await left(each, 0);
      await press("Xin thêm phiếu", each);
      await left(each, 10);
    }
    await press("Xin thêm phiếu");
    await left(device, 20);
    await press("Xin thêm phiếu", other);
    await expect(other.page.getByText("có mạng")).toBeVisible();
    await left(other, 10);

    // Ten are sent and kept: what is left does not grow by that, nor by a restart.
    await rushDesk(device.page, 10);
    await left(device, 10);
    await press("Về đầu");
    await ready(device.page);
    await press("Phiếu trong máy");
    await sent("Cả 10 phiếu đã nhận. Tắt máy được.");
    way.cut = true;
    await device.kill();
    await device.start();
    await unlock(device.page);
    await device.page.getByRole("button", { name: /Bộ phận Một cửa/ }).click();
    await left(device, 10);

    for (const each of [device, other]) {
      await rushDesk(each.page, 10);
      await left(each, 0);
      for (let people = 0; people < 3; people += 1) await press("Một người đi ra", each);
      await expect(each.page.getByText("Đã hết số phiếu được giao cho máy này.")).toBeVisible();
      await expect(each.page.getByRole("button", { name: "Đồng ý, phỏng vấn" })).toHaveCount(0);
    }
    way.cut = false;
    for (const each of [device, other]) {
      await press("Xin thêm phiếu", each);
      await press("Về đầu", each);
      await press("Phiếu trong máy", each);
      await sent(/^Cả (10|20) phiếu đã nhận/, each);
      await press("Về đầu", each);
      await press("Cập nhật từ máy chủ", each);
      await each.page.getByRole("button", { name: /Bộ phận Một cửa/ }).click();
      await left(each, 0);
    }
    const held = `SELECT COUNT(*), SUM(p.beyond) FROM post_response p JOIN post q ON q.id = p.post_id WHERE q.team_id = ${team.id}`;
    expect(await server.rows(held)).toEqual([[30, 0]]);
    const shifts = `SELECT SUM(s.asked), SUM(s.refused) FROM shift s JOIN post q ON q.id = s.post_id WHERE q.team_id = ${team.id}`;
    await expect.poll(() => server.rows(shifts)).toEqual([[30, 0]]);
    expect(await server.hailong("recount")).toMatch(/differences 0/);
  } finally {
    await other.stop();
  }
});

test("a device signed out from afar forgets its contacts, and what it holds is still taken", async ({ server }) => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"], 2);
  await enrol(device.page, await team.code());
  await ready(device.page);
  way.cut = true;
  await interview(device.page, 1);
  await team.signOut("Máy 1");
  way.cut = false;
  await press("Về đầu");
  await press("Cập nhật từ máy chủ");
  await expect(device.page.getByText("Máy này đã bị thu hồi")).toBeVisible();
  await expect(device.page.getByText("Nguyễn Thị Út")).toHaveCount(0);
  const kept = await device.page.evaluate(async () => {
    const open = indexedDB.open("thuc-dia");
    await new Promise((resolve) => { open.onsuccess = resolve; });
    const keys = open.result.transaction("box").objectStore("box").getAllKeys();
    await new Promise((resolve) => { keys.onsuccess = resolve; });
    return keys.result.map(String);
  });
  expect(kept.filter((key) => key.startsWith("contacts/"))).toEqual([]);
  await press("Phiếu trong máy");
  await sent("Phiếu duy nhất đã nhận. Tắt máy được.");
  expect(await linked(server, team)).toBe(1);
});

test("what one person finished goes out while another has the tablet, and the lock screen names it", async ({ server }) => {
  const people = ["Trần Văn Bảy", "Lê Hồng Đào"];
  const team = await office.sampleTeam(6, people, 2);
  const { page } = device;
  await enrol(page, await team.code(people[0]));
  await ready(page);
  await press("Khoá máy");
  await press("Thêm người");
  await enrol(page, await team.code(people[1]));
  await ready(page);
  await press("Khoá máy");
  const row = (name: string) => page.getByRole("button", { name: new RegExp(`^${name}`) });
  await expect(row("Trần Văn Bảy")).toContainText("đã gửi hết");
  way.cut = true;
  await row("Trần Văn Bảy").click();
  await unlock(page);
  await press("Danh sách");
  await page.getByRole("button", { name: /^\d+\. / }).first().click();
  await press("Bắt đầu phỏng vấn");
  await press("Đồng ý, bắt đầu");
  await answer(page, 4);
  await save(page);
  await press("Về đầu");
  await press("Khoá máy");
  await expect(row("Trần Văn Bảy")).toContainText("1 phiếu chưa gửi");
  await expect(row("Lê Hồng Đào")).toContainText("đã gửi hết");
  await expectAccessible(page);
  await row("Trần Văn Bảy").click();
  await expect(page.getByText("1 phiếu chưa gửi")).toBeVisible();
  await press("Người khác");
  // Nobody types the PIN of the first again.
  await row("Lê Hồng Đào").click();
  await unlock(page);
  way.cut = false;
  await expect.poll(() => linked(server, team), { timeout: 60_000 }).toBe(1);
  await press("Khoá máy");
  await expect(row("Trần Văn Bảy")).toContainText("đã gửi hết", { timeout: 60_000 });
  expect(await team.page()).toContain("đã gửi hết");
  expect(await server.hailong("recount")).toMatch(/differences 0/);
});

test("what cannot be sent is carried by hand as a file, and counts once", async ({ server }, info) => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"], 2);
  const { page } = device;
  await enrol(page, await team.code());
  await ready(page);
  way.cut = true;
  await interview(page, 1, 4);
  await interview(page, 2, 2);
  await press("Về đầu");
  await press("Phiếu trong máy");
  const download = page.waitForEvent("download");
  await press("Xuất ra tệp");
  const file = info.outputPath("outbox.json");
  await (await download).saveAs(file);
  const text = await readFile(file, "utf8");
  for (const word of ["Nguyễn Thị Út", "\"1.1\""]) expect(text).not.toContain(word);
  const twice = [await server.hailong("import", "outbox", file), await server.hailong("import", "outbox", file)];
  expect(twice[0]).toBe("responses 2 stored 2 duplicate 0 refused 0\nevents 2 stored 2 duplicate 0 refused 0\n");
  expect(twice[1]).toBe("responses 2 stored 0 duplicate 2 refused 0\nevents 2 stored 0 duplicate 2 refused 0\n");
  way.cut = false;
  await sent("Cả 2 phiếu đã nhận. Tắt máy được.");
  expect(await linked(server, team)).toBe(2);
  expect(await server.hailong("recount")).toMatch(/differences 0/);
});

/** How many interviews a device says it may still hold. */
async function left(of: Tablet, interviews: number): Promise<void> {
  await expect(of.page.locator("dt", { hasText: "Còn được phỏng vấn" }).locator("+ dd")).toHaveText(String(interviews), { timeout: 15_000 });
}
