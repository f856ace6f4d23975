// What script adds: an id of its own, a draft, hiding of what is not asked, sending when the network returns.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "../../support/test.js";
import { answer, answerAll, face, receipt, scan, send, statements } from "./pages.js";

/** A network that takes what is sent and never answers, until `hang` is false. */
async function slow(page: Page): Promise<{ hang: boolean; tries: number }> {
  const network = { hang: true, tries: 0 };
  await page.route(/\/k\//, async (route) => {
    if (route.request().method() !== "POST" || !network.hang) return route.fallback();
    network.tries += 1;
  });
  return network;
}

const waiting = (page: Page) => page.evaluate(() => JSON.parse(localStorage[`${location.pathname}#`] ?? "[]").length);

// A browser without network complains about it in its console.
const withoutNetwork = test.extend({
  quietConsole: [async ({}, use) => void (await use(undefined)), { auto: true }],
});

withoutNetwork("a tap without network stays on the phone and goes out when it returns", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  await context.setOffline(true);
  await face(page, "Hài lòng").click();
  await expect(page.getByRole("status")).toHaveText("Chưa gửi được vì mạng. Câu trả lời còn trên máy này, máy sẽ tự gửi lại.");
  await context.setOffline(false);
  await expect(page).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
});

test("a draft comes back after the page was closed, and is gone after sending", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answer(page, 7, 2);
  await page.getByLabel("Ý kiến khác").fill("chưa xong");
  await page.goto("about:blank");
  await scan(page, desk.code, "?b=phieu");
  const seventh = page.getByRole("group", { name: /^Câu 7\/22/ }).getByRole("radio").nth(1);
  await expect(seventh).toBeChecked();
  await expect(page.getByLabel("Ý kiến khác")).toHaveValue("chưa xong");
  await answerAll(page, statements.slice(7, 18), 4);
  await send(page).click();
  await receipt(page);
  await scan(page, desk.code, "?b=phieu");
  await page.getByRole("button", { name: "Đánh giá cho hồ sơ khác" }).click();
  await scan(page, desk.code, "?b=phieu");
  await expect(seventh).not.toBeChecked();
});

test("who has no result yet is not asked about it, and what was hidden is not sent", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answer(page, 16, 5);
  await page.getByLabel("nộp hồ sơ").check();
  await expect(page.getByRole("heading", { name: "4. Kết quả dịch vụ" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Tiếp: phần 4 ↓" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Tiếp: phần 5 ↓" })).toHaveAttribute("href", /#p5$/);
  await expect(page.locator("[name='4.1']").first()).toBeDisabled();
  await page.getByLabel("nhận kết quả").check();
  await expect(page.getByRole("heading", { name: "4. Kết quả dịch vụ" })).toBeVisible();
});

test("the same tap sent by two pages of one phone is one answer", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  const id = await page.locator("[name=id]").inputValue();
  expect(id).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  const other = await context.newPage();
  await scan(other, desk.code);
  expect(await other.locator("[name=id]").inputValue()).toBe(id);
});

test("what the server has to say is shown as its page", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answerAll(page, [1], 4);
  await send(page).click();
  await expect(page).toHaveTitle(/^Còn 17 câu chưa trả lời/);
  await page.getByRole("alert").getByRole("button", { name: "Dừng ở đây và gửi" }).click();
  await receipt(page);
});

test("a tap on a network that hangs is marked, kept, given up after 12 s and sent again", async ({ page, desk }, info) => {
  await page.clock.install();
  await scan(page, desk.code);
  const network = await slow(page);
  await face(page, "Hài lòng").click();
  await expect(face(page, "Hài lòng")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("status")).toHaveText("Đang gửi…");
  expect(await waiting(page)).toBe(1);
  await page.screenshot({ path: info.outputPath("tap-sending-360.png") });
  await expectAccessible(page);
  // Another choice takes its place; the first one is given up.
  await face(page, "Không hài lòng").click();
  await expect(face(page, "Hài lòng")).toHaveAttribute("aria-pressed", "false");
  await expect(face(page, "Không hài lòng")).toHaveAttribute("aria-pressed", "true");
  await expect.poll(() => network.tries).toBe(2);
  expect(await waiting(page)).toBe(1);
  await page.clock.runFor(12_500);
  await expect(page.getByRole("status")).toHaveText(/^Chưa gửi được vì mạng\./);
  await page.screenshot({ path: info.outputPath("tap-waiting-360.png") });
  await expectAccessible(page);
  await page.clock.runFor(3_000);
  await expect.poll(() => network.tries).toBe(3);
  network.hang = false;
  await page.clock.runFor(12_500);
  await page.clock.runFor(5_000);
  await expect(page).toHaveTitle(/^Đã ghi nhận: Không hài lòng/);
  expect(await waiting(page)).toBe(0);
});

test("a tap that did not get through goes out when the tab is opened again", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  await slow(page);
  await face(page, "Bình thường").click();
  await expect(page.getByRole("status")).toHaveText("Đang gửi…");
  await page.close();
  const again = await context.newPage();
  await scan(again, desk.code);
  await expect(again).toHaveTitle(/^Đã ghi nhận: Bình thường/);
});

test("a form on a network that hangs is kept, and sent once when it returns", async ({ page, context, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answerAll(page, statements.slice(0, 18), 4);
  await slow(page);
  await send(page).click();
  await expect(page.getByRole("status")).toHaveText("Đang gửi…");
  await page.close();
  const again = await context.newPage();
  await scan(again, desk.code, "?b=phieu");
  await receipt(again);
});

test("on a shared touch screen the next visitor finds the faces and is another answer", async ({ browser, desk, server }) => {
  const context = await browser.newContext({ viewport: { width: 800, height: 1280 }, hasTouch: true, isMobile: true, baseURL: server.url, locale: "vi-VN" });
  const page = await context.newPage();
  await page.clock.install();
  await scan(page, desk.code);
  const first = await page.locator("[name=id]").inputValue();
  await face(page, "Hài lòng").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
  await page.clock.runFor(14_000);
  await expect(page).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
  await page.clock.runFor(1_500);
  await expect(face(page, "Hài lòng")).toBeVisible();
  expect(await page.locator("[name=id]").inputValue()).not.toBe(first);
  // The next one's tap hangs; it stays that person's, and goes out by itself.
  const network = await slow(page);
  await face(page, "Không hài lòng").click();
  await expect(page.getByRole("status")).toHaveText("Đang gửi…");
  await page.clock.runFor(15_500);
  await expect(face(page, "Không hài lòng")).toHaveAttribute("aria-pressed", "false");
  expect(await waiting(page)).toBe(1);
  network.hang = false;
  await face(page, "Bình thường").click();
  for (let seconds = 0; seconds < 8; seconds += 1) await page.clock.runFor(1_000);
  await expect(page).toHaveTitle(/^Đã ghi nhận: Bình thường/);
  await expect(page.locator(".notice")).toHaveCount(0);
  await expect.poll(() => waiting(page)).toBe(0);
  await context.close();
});
