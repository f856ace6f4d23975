// A batch of paper forms: made and printed by a supervisor, keyed by single keys at a human pace, through a reload and a
// lost network.
import { signIn } from "../../support/staff.js";
import { expect, expectAccessible, test } from "../../support/test.js";

/** What a practised clerk needs from key to key, in milliseconds. */
const KEY_MS = 400;

test("a clerk keys whole forms by keyboard alone, and a lost network loses nothing", async ({ browser, page, server, desk }, info) => {
  test.setTimeout(240_000);
  await signIn(page, server, "supervisor");
  await page.goto("/quan-tri/phieu-giay");
  await expectAccessible(page);
  await page.getByLabel("Mã cơ quan").fill(desk.agency_code);
  await page.getByLabel("Số phiếu").fill("3");
  await page.getByRole("button", { name: "Lập tập phiếu" }).click();
  await expect(page.getByRole("status")).toContainText("Đã lập tập phiếu");
  await page.getByRole("link", { name: /^In phiếu/ }).first().click();
  const codes = await page.locator(".paper-foot b").allTextContents();
  expect(codes).toHaveLength(3);
  await expectAccessible(page);
  await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: info.outputPath("phieu-in.png") });
  await page.pdf({ path: info.outputPath("phieu.pdf"), preferCSSPageSize: true });
  const breaks = (lines: Element[]) =>
    lines.map((line) => {
      const range = document.createRange();
      range.selectNodeContents(line);
      return new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size;
    });
  const printed = await page.locator(".paper-sheet").first().locator(".paper-line").evaluateAll(breaks);

  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 } });
  const clerk = await context.newPage();
  await signIn(clerk, server, "data-entry");
  await clerk.goto("/quan-tri/phieu-giay");
  await clerk.getByRole("link", { name: /^Nhập: / }).first().click();
  await expectAccessible(clerk);
  for (const width of [360, 768, 1280]) {
    await clerk.setViewportSize({ width, height: 800 });
    await clerk.screenshot({ path: info.outputPath(`nhap-${width}.png`), fullPage: true });
    const wider = await clerk.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `at ${width} the screen has to be scrolled sideways`).toBeLessThanOrEqual(0);
  }
  const shown = await clerk.locator(".paper-line").evaluateAll(breaks);
  expect(shown, "lines break as on the paper").toEqual(printed);

  const fields = await clerk.locator("[data-shape]").evaluateAll((all) => all.map((field) => (field as HTMLElement).dataset.shape));
  const told = clerk.locator("#bao");
  const start = async (code: string) => {
    await clerk.getByLabel("Mã phiếu").fill(code);
    await clerk.keyboard.press("Enter");
  };
  /** The keys of a form after its code: one a question, two where several options may be chosen. */
  const keys = fields.flatMap((shape) => (shape === "one" ? ["1"] : shape === "several" ? ["1", "Enter"] : ["Space"]));

  // The first form, at the pace of a hand.
  await clerk.getByLabel("Ngày trả lời").fill("2026-01-05");
  await start(codes[0] ?? "");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  const before = Date.now();
  for (const key of keys) {
    await clerk.waitForTimeout(KEY_MS);
    await clerk.keyboard.press(key);
  }
  await clerk.waitForTimeout(KEY_MS);
  await clerk.keyboard.press("Enter");
  await expect(told).toContainText("Đã lưu phiếu số 1");
  const seconds = (Date.now() - before) / 1000;
  console.log(`paper: ${fields.length} questions, ${keys.length + 1} keys, ${seconds.toFixed(1)} s`);
  expect(seconds / (keys.length + 1), "a key costs little more than the hand").toBeLessThan(0.75);
  await expect(clerk.getByLabel("Mã phiếu")).toBeFocused();

  // Keyed before: refused at the code, with who and when.
  await start(codes[0] ?? "");
  await expect(told).toContainText("đã nhập lúc");

  // A reload in the middle: form, answers and question are there again.
  await start(codes[1] ?? "");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  for (const key of keys.slice(0, 9)) await clerk.keyboard.press(key);
  const at = await clerk.evaluate(() => (document.activeElement as HTMLInputElement).name);
  await clerk.reload();
  await expect(clerk.getByLabel("Mã phiếu")).toHaveValue(codes[1] ?? "");
  expect(await clerk.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe(at);
  await clerk.keyboard.press("ArrowLeft");
  await clerk.keyboard.press("1");

  // The network goes: the form waits in the browser, the next one too, and both arrive once it is back.
  await context.setOffline(true);
  for (const key of keys.slice(9)) await clerk.keyboard.press(key);
  await clerk.keyboard.press("Enter");
  await expect(told).toContainText("1 phiếu chưa gửi");
  await start(codes[2] ?? "");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  for (const key of keys) await clerk.keyboard.press(key);
  await clerk.keyboard.press("Enter");
  await expect(told).toContainText("2 phiếu chưa gửi");
  await context.setOffline(false);
  await clerk.evaluate(() => dispatchEvent(new Event("online")));
  await expect(told).toContainText("Đã lưu phiếu số 3");
  await clerk.goto("/quan-tri/phieu-giay");
  await expect(clerk.getByText("3/3 đã nhập")).toBeVisible();
  expect(await server.hailong("recount")).toContain("differences 0");
  await context.close();
});
