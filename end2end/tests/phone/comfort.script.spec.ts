// What script adds: an id of its own, a draft, hiding of what is not asked, sending when the network returns.
import { expect, test } from "../../support/test.js";
import { answer, answerAll, face, receipt, scan, send, statements } from "./pages.js";

// A browser without network complains about it in its console.
const withoutNetwork = test.extend({
  quietConsole: [async ({}, use) => void (await use(undefined)), { auto: true }],
});

withoutNetwork("a tap without network stays on the phone and goes out when it returns", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  await context.setOffline(true);
  await face(page, "Hài lòng").click();
  await expect(page.getByText("Mất mạng. Câu trả lời còn trên máy này; sẽ tự gửi khi có mạng.")).toBeVisible();
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
  await expect(seventh).not.toBeChecked();
});

test("who has no result yet is not asked about it, and what was hidden is not sent", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answer(page, 16, 5);
  await page.getByLabel("nộp hồ sơ").check();
  await expect(page.getByRole("heading", { name: "4. Kết quả dịch vụ" })).toBeHidden();
  await expect(page.locator("[name='4.1']").first()).toBeDisabled();
  await page.getByLabel("nhận kết quả").check();
  await expect(page.getByRole("heading", { name: "4. Kết quả dịch vụ" })).toBeVisible();
});

test("the same tap sent by two pages of one phone is one answer", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  const id = await page.locator("[name=id]").inputValue();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const other = await context.newPage();
  await scan(other, desk.code);
  expect(await other.locator("[name=id]").inputValue()).toBe(id);
});

test("what the server has to say is shown as its page", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answerAll(page, [1], 4);
  await send(page).click();
  await expect(page).toHaveTitle(/^Còn 17 câu chưa trả lời/);
  await page.getByRole("button", { name: "Gửi luôn" }).click();
  await receipt(page);
});
