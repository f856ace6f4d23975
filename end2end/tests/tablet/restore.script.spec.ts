// A server that is put back to an earlier state loses nothing that a tablet still has: what it had acknowledged comes
// again, a tablet that it does not know any more is adopted, and the file of one is taken in. And what answers in the
// server's place changes nothing. On both databases.
import { expect, expectAccessible, test } from "../../support/test.js";
import { enrol, interview, ready, type Tablet, tablet } from "../../support/field.js";
import { linked, Office } from "../../support/round.js";
import { openWay } from "../../support/way.js";

test.describe.configure({ timeout: 300_000 });

const press = (of: Tablet, name: string) => of.page.getByRole("button", { name, exact: true }).click();

/** The first number on the list of a tablet; it shows the list then. */
async function first(of: Tablet): Promise<number> {
  await press(of, "Danh sách");
  const row = await of.page.getByRole("button", { name: /^\d+\. / }).first().textContent();
  return Number(/^\d+/.exec(row ?? "")?.[0]);
}

/** Interviews the next of the list, and shows what is on the tablet. */
async function hold(of: Tablet): Promise<void> {
  await interview(of.page, await first(of));
  await press(of, "Về đầu");
}

/** Sends until the tablet says this. */
async function says(of: Tablet, words: string | RegExp): Promise<void> {
  if (await of.page.getByRole("button", { name: "Phiếu trong máy" }).isVisible()) await press(of, "Phiếu trong máy");
  await expect(async () => {
    await of.page.getByRole("button", { name: "Gửi ngay" }).click();
    await expect(of.page.getByText(words).first()).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 60_000 });
}

test("every interview is there once after a restore, with a tablet enrolled in between, and with the file", async ({ browser, server }, info) => {
  const office = await Office.open(server, browser);
  const people = ["Nguyễn Thị Lan", "Trần Văn Bảy", "Lê Hồng Đào"];
  const team = await office.sampleTeam(12, people, 3);
  const counted = async () => Number(/responses (\d+)/.exec(await server.hailong("recount"))?.[1]);
  const before = await counted();
  const [known, adopted, carried] = [await tablet(server.url), await tablet(server.url), await tablet(server.url)];
  try {
    await enrol(known.page, await team.code(people[0]));
    await ready(known.page);
    await hold(known);
    await says(known, "Phiếu duy nhất đã nhận. Tắt máy được.");
    await server.backup();

    // After the backup: one more interview, and two tablets that the backup does not know.
    await press(known, "Về đầu");
    await hold(known);
    await says(known, "Cả 2 phiếu đã nhận. Tắt máy được.");
    for (const [at, each] of [adopted, carried].entries()) {
      await enrol(each.page, await team.code(people[at + 1]));
      await ready(each.page);
      await hold(each);
      await says(each, "Phiếu duy nhất đã nhận. Tắt máy được.");
    }
    expect(await linked(server, team)).toBe(4);
    await server.restore();
    expect(await linked(server, team)).toBe(1);

    // The tablet that the server knows sends again by itself what was lost.
    await press(known, "Gửi ngay");
    await expect.poll(() => linked(server, team), { timeout: 30_000 }).toBe(2);
    await says(known, "Cả 2 phiếu đã nhận. Tắt máy được.");

    // The one that it does not know says so, keeps its names, and works on.
    await says(adopted, "Máy chủ không nhận ra máy này");
    await expectAccessible(adopted.page);
    await press(adopted, "Về đầu");
    await expect(adopted.page.getByRole("heading", { name: "Sẵn sàng đi" })).toBeVisible();
    await hold(adopted);
    // A code of somebody else changes nothing; the own one brings everything in, once.
    await press(adopted, "Nhập mã để máy chủ nhận lại máy");
    await expect(adopted.page.getByRole("heading", { level: 1, name: "Nhận lại máy" })).toBeVisible();
    await expectAccessible(adopted.page);
    await adopted.page.getByLabel("Mã ghi danh").fill(await team.code(people[0]));
    await press(adopted, "Ghi danh máy");
    await expect(adopted.page.getByText(/Mã này của người khác.*Nguyễn Thị Lan/)).toBeVisible();
    await adopted.page.getByLabel("Mã ghi danh").fill(await team.code(people[1]));
    await press(adopted, "Ghi danh máy");
    await expect(adopted.page.getByText("Cả 2 phiếu đã nhận. Tắt máy được.")).toBeVisible({ timeout: 30_000 });
    expect(await linked(server, team)).toBe(4);
    await press(adopted, "Danh sách");
    await expect(adopted.page.getByText("(đã xoá tên)")).toHaveCount(0);
    await expect(adopted.page.getByText(/đường số/).first()).toBeVisible();

    // The third one's file goes in through the page of the team, on the supervisor's word.
    await says(carried, "Máy chủ không nhận ra máy này");
    const download = carried.page.waitForEvent("download");
    await press(carried, "Xuất ra tệp");
    const file = info.outputPath("hailong-may.json");
    await (await download).saveAs(file);
    const page = await office.window(browser);
    for (const taken of [2, 0]) {
      await page.goto(`/quan-tri/doi/${team.id}`);
      await expectAccessible(page);
      await page.getByLabel("Tệp hailong-may-….json").setInputFiles(file);
      await page.getByRole("button", { name: "Xem tệp" }).click();
      await expect(page.getByText("Máy chủ không nhận ra máy này")).toBeVisible();
      await expect(page.getByLabel("Tệp này là của").locator("option").first()).toHaveText(/Lê Hồng Đào/);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Nhận tệp", exact: true }).click();
      await expect(page.getByText(`Đã nhận tệp của máy: ${taken} phiếu, ghi chép mới.`)).toBeVisible();
      await expectAccessible(page);
    }
    await page.context().close();

    // Each once: two, two and one; every one is its person's.
    expect(await linked(server, team)).toBe(5);
    expect(await counted()).toBe(before + 5);
    expect(await server.hailong("recount")).toMatch(/differences 0/);
    expect(await team.page()).toContain("5 / (5 + 0 + 0 + 0 + 0 + 7)");
    // And the command takes the same file for the same person.
    const login = (await server.rows(`SELECT a.login FROM account a JOIN team_member m ON m.account_id = a.id WHERE m.team_id = ${team.id} ORDER BY a.id`))[2]?.[0];
    expect(await server.hailong("import", "outbox", file, "--as", String(login))).toContain("responses 1 stored 0 duplicate 1");
  } finally {
    for (const each of [known, adopted, carried]) await each.stop();
    await office.close();
  }
});

test("what answers in the server's place erases nothing and is told", async ({ browser, server }) => {
  const office = await Office.open(server, browser);
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"], 2);
  let stranger: { status: number; body: string } | undefined;
  const way = await openWay(server.url, async (_method, path) => (path.startsWith("/api/") ? stranger : undefined));
  const device = await tablet(way.url);
  try {
    await enrol(device.page, await team.code());
    await ready(device.page);
    way.cut = true;
    await hold(device);
    way.cut = false;
    const portal = "<!doctype html><title>Wi-Fi</title>";
    for (const [status, body] of [[401, ""], [403, portal], [302, ""], [200, portal]] as const) {
      stranger = { status, body };
      await press(device, "Cập nhật từ máy chủ");
      await expect(device.page.getByText(`Mạng đang dùng trả lời thay máy chủ (mã ${status === 302 ? 0 : status})`)).toBeVisible();
      await expect(device.page.getByRole("heading", { name: "Sẵn sàng đi" })).toBeVisible();
    }
    await expectAccessible(device.page);
    await press(device, "Danh sách");
    await expect(device.page.getByText(/đường số/).first()).toBeVisible();
    await expect(device.page.getByText("(đã xoá tên)")).toHaveCount(0);
    await press(device, "Về đầu");
    stranger = undefined;
    await says(device, "Phiếu duy nhất đã nhận. Tắt máy được.");
    await expect(device.page.getByText("trả lời thay máy chủ")).toHaveCount(0);
    expect(await linked(server, team)).toBe(1);
  } finally {
    await device.stop();
    await way.close();
    await office.close();
  }
});
