// Comments: an officer reads and answers one, the public reads the answer; with and without script.
import { signIn } from "../../support/staff.js";
import type { Browser } from "@playwright/test";
import type { Server } from "../../support/server.js";
import { expect, expectAccessible, test } from "../../support/test.js";

/** The code of an agency on which there are comments, as Sở Nội vụ sees it. */
async function commentedOn(browser: Browser, server: Server): Promise<string> {
  const page = await browser.newPage({ baseURL: server.url });
  await signIn(page, server, "admin");
  await page.goto("/quan-tri/y-kien");
  const facts = (await page.locator(".comments .secondary").first().textContent({ timeout: 10_000 })) ?? "";
  const options = await page.locator("#co-quan option").all();
  for (const option of options) {
    const code = await option.getAttribute("value");
    if (code && facts.trim().startsWith(`${await option.textContent()} ·`)) {
      await page.close();
      return code;
    }
  }
  throw new Error(`no agency in: ${facts}`);
}

test("an officer answers a comment and everybody reads the sentence, not the comment", async ({ browser, page, server }) => {
  const agency = await commentedOn(browser, server);
  await signIn(page, server, "agency-officer", agency);
  await page.goto("/quan-tri/y-kien");
  await expect(page.getByRole("heading", { level: 1, name: "Ý kiến của người dân" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: /^Xử lý: / }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Xử lý ý kiến" })).toBeVisible();
  const comment = (await page.locator("blockquote").first().textContent()) ?? "";
  await page.getByLabel("Tình trạng").selectOption({ label: "đã giải quyết" });
  await page.getByRole("button", { name: "Lưu" }).click();
  await expect(page).toHaveTitle(/^Lỗi: /);
  await expect(page.getByRole("alert")).toContainText("xin ghi một câu");
  await expectAccessible(page);
  await page.getByLabel("Chủ đề").selectOption({ label: "Nơi tiếp, cơ sở vật chất" });
  await page.getByLabel("Giao cho").fill("Bộ phận một cửa");
  const sentence = `Đã thêm 10 ghế ở phòng chờ, lần ${Date.now() % 100_000}.`;
  await page.getByLabel("Câu công khai").fill(sentence);
  await page.getByRole("button", { name: "Lưu" }).click();
  await expect(page.getByRole("status")).toContainText("Đã lưu.");
  await expect(page.getByText(sentence)).toBeVisible();
  await expectAccessible(page);

  await page.goto(`/ket-qua/${agency}`);
  await expect(page.getByRole("heading", { name: "Ông/Bà nói, cơ quan làm" })).toBeVisible();
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByText(comment.trim(), { exact: true })).toHaveCount(0);
  await expectAccessible(page);
});

test("an officer sees which files there are, and takes one along", async ({ page, server }) => {
  await signIn(page, server, "agency-officer", server.desks[0].agency_code);
  await page.goto("/quan-tri/xuat");
  await expect(page.getByRole("heading", { level: 1, name: "Xuất dữ liệu" })).toBeVisible();
  await expectAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Tất cả bảng trong một tệp (XLSX)" }).click();
  expect((await download).suggestedFilename()).toContain("Hài Lòng");
});
