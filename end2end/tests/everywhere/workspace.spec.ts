// The workspace as officials meet it, on every screen, with and without script.
import { signIn } from "../../support/staff.js";
import { expect, expectAccessible, test } from "../../support/test.js";

const noSidewaysScroll = async (page: import("@playwright/test").Page, path: string) => {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider, path).toBeLessThanOrEqual(0);
};

test("an officer sees how the own agency stands, where to act, and what may be concluded", async ({ page, server }) => {
  await signIn(page, server, "agency-officer", "916");
  await page.goto("/quan-tri");
  await expect(page.getByRole("heading", { level: 1, name: "Tổng quan" })).toBeVisible();
  for (const part of ["Nơi cần hành động", "Điều gì đã thay đổi chắc chắn", "Có tin được không"]) {
    await expect(page.getByRole("heading", { level: 2, name: part })).toBeVisible();
  }
  await expect(page.getByText("Quận Cái Răng")).toHaveCount(0);
  await expectAccessible(page);
  await noSidewaysScroll(page, "/quan-tri");

  await page.getByRole("link", { name: "Xem từng yếu tố, tiêu chí" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Quận Ninh Kiều" })).toBeVisible();
  await page.getByText("Giải thích", { exact: true }).first().click();
  await expect(page.getByText("Câu ở mức 4, 5 chia cho câu từ 1 đến 5:").first()).toBeVisible();
  await expectAccessible(page);
  await noSidewaysScroll(page, "/quan-tri/co-quan/916");

  await page.getByRole("link", { name: "Bản tóm tắt 1 trang" }).first().click();
  await expect(page.getByText("Mã của số liệu này")).toBeVisible();
  await expectAccessible(page);
  await noSidewaysScroll(page, "/quan-tri/tom-tat/916");
  await page.locator(".brief__mark a").click();
  await expect(page.getByRole("status")).toContainText(/đúng như trên bản in|đã thay đổi/);

  const answer = await page.goto("/quan-tri/co-quan/919");
  expect(answer?.status()).toBe(404);
});

test("an administrator compares, ranks and reads the city on one page", async ({ page, server }) => {
  await signIn(page, server, "admin");
  await page.goto("/quan-tri");
  await expect(page.getByRole("region", { name: "Chỉ số hài lòng" })).toContainText(/từ \d+,\d đến \d+,\d/);
  await expectAccessible(page);
  await page.goto("/quan-tri/so-sanh");
  await page.getByLabel("Cơ quan thứ nhất").selectOption("916");
  await page.getByLabel("Cơ quan thứ hai").selectOption("919");
  await page.getByRole("button", { name: "So sánh" }).click();
  await expect(page).toHaveURL(/a=916&b=919/);
  await expect(page.getByRole("heading", { level: 2 }).first()).toContainText(/hơn|Tương đương|Chưa/);
  await expectAccessible(page);
  await noSidewaysScroll(page, "/quan-tri/so-sanh");
  await page.goto("/quan-tri/xep-hang?cap=quan-huyen");
  await expect(page.getByRole("link", { name: "Quận Ninh Kiều" })).toHaveAttribute("href", "/quan-tri/co-quan/916");
  await noSidewaysScroll(page, "/quan-tri/xep-hang");
  await page.goto("/quan-tri/tom-tat?cap=quan-huyen");
  await expect(page.getByRole("heading", { level: 1, name: "Quận, huyện" })).toBeVisible();
  await expectAccessible(page);
});
