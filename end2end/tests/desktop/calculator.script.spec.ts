// The island of the method page wakes up: it answers while one types, without a request.
import { expect, test } from "../../support/test.js";

test("the calculator answers while one types", async ({ page }) => {
  await page.goto("/cach-tinh", { waitUntil: "networkidle" });
  const url = page.url();
  await page.getByRole("textbox", { name: "Số phiếu hợp lệ (n)" }).fill("400");
  await page.getByRole("textbox", { name: "Trong đó hài lòng" }).fill("300");
  await expect(page.locator("output")).toContainText("75,00%");
  await page.getByRole("textbox", { name: "Trong đó hài lòng" }).fill("500");
  await expect(page.getByText("Số người hài lòng không thể lớn hơn số phiếu.")).toBeVisible();
  expect(page.url()).toBe(url);
});

test("no other page loads a script", async ({ page }) => {
  const scripts: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "script") scripts.push(request.url());
  });
  for (const path of ["/", "/ket-qua"]) await page.goto(path, { waitUntil: "networkidle" });
  expect(scripts).toEqual([]);
});
