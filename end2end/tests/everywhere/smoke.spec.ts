import { expect, expectAccessible, test } from "../../support/test.js";

test("the home page says what this is and leads to the results", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/Hài Lòng/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: /kết quả/i }).first().click();
  await expect(page).toHaveURL(/\/ket-qua/);
  await expect(page.getByText("SỐ LIỆU MÔ PHỎNG").first()).toBeVisible();
  await expectAccessible(page);
});

test("a desk's page names its agency and asks one question", async ({ page, desk }) => {
  await page.goto(`/k/${desk.code}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(desk.agency).first()).toBeVisible();
  await expectAccessible(page);
});

test("an unknown desk has words for it", async ({ page }) => {
  const answer = await page.goto("/k/AAAAAAAA");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessible(page);
});
