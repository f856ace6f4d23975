// The results as everybody sees them, on every screen, with and without script.
import { expect, expectAccessible, test } from "../../support/test.js";

test("the city's figure comes with its interval, and every page says that its data are simulated", async ({ page }) => {
  await page.goto("/ket-qua");
  await expect(page).toHaveTitle(/^Kết quả đo lường sự hài lòng/);
  const headline = page.getByRole("region", { name: "Chỉ số hài lòng" });
  await expect(headline).toContainText(/\d+,\d\d%/);
  await expect(headline).toContainText(/từ \d+,\d đến \d+,\d/);
  await expect(headline).toContainText("Với độ tin cậy 95%");
  await expect(page.getByText("SỐ LIỆU MÔ PHỎNG").first()).toBeVisible();
  await expectAccessible(page);
});

test("nothing has to be scrolled sideways", async ({ page }) => {
  for (const path of ["/", "/ket-qua", "/cach-tinh"]) {
    await page.goto(path);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, path).toBeLessThanOrEqual(0);
  }
});

test("an agency is found without diacritics and its page goes down to every answer", async ({ page }) => {
  await page.goto("/ket-qua");
  await page.getByRole("searchbox", { name: "Tìm cơ quan" }).fill("binh thuy");
  await page.getByRole("button", { name: "Xem" }).click();
  await expect(page).toHaveURL(/tim=binh/);
  const district = page.getByRole("link", { name: /^Quận Bình Th/ });
  await expect(district).toBeVisible();
  await expect(page.getByRole("link", { name: "Quận Ninh Kiều" })).toHaveCount(0);
  await district.click();

  await expect(page.getByRole("heading", { level: 1, name: /Quận Bình Th/ })).toBeVisible();
  for (const part of ["Các yếu tố", "Các tiêu chí", "Phân bố câu trả lời", "Giải thích con số này"]) {
    await expect(page.getByRole("heading", { level: 2, name: part })).toBeVisible();
  }
  await expectAccessible(page);
});

test("a search that finds nothing says what to do", async ({ page }) => {
  await page.goto("/ket-qua?tim=khong-co-dau");
  await expect(page.getByText("Không có cơ quan nào khớp")).toBeVisible();
  await page.getByRole("link", { name: "Xem tất cả cơ quan" }).click();
  await expect(page.getByRole("rowheader", { name: /^Quận, huyện/ }).first()).toBeVisible();
});

test("voluntary feedback stands apart: no interval, no rank, and a word about what it is", async ({ page }) => {
  await page.goto("/ket-qua");
  await page.getByRole("link", { name: /^Phản hồi tự nguyện/ }).click();
  await expect(page.getByText("không suy rộng cho mọi người làm thủ tục").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Chỉ số hài lòng" })).toHaveCount(0);
  await expectAccessible(page);
});

test("the pages are there in English", async ({ page }) => {
  await page.goto("/ket-qua");
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("heading", { level: 1, name: "Results of the satisfaction survey" })).toBeVisible();
  await expectAccessible(page);
});

test("a code is found however it is typed, and a wrong one is explained", async ({ page, desk }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Nhập mã trên bảng" }).fill(` ${desk.code.toLowerCase()} `);
  await page.getByRole("button", { name: "Đánh giá" }).click();
  await expect(page).toHaveURL(new RegExp(`/k/${desk.code}`));

  await page.goto("/");
  await page.getByRole("textbox", { name: "Nhập mã trên bảng" }).fill("khong co");
  await page.getByRole("button", { name: "Đánh giá" }).click();
  await expect(page).toHaveTitle(/^Lỗi/);
  await expect(page.getByText("Không có bảng nào mang mã")).toBeVisible();
  await expectAccessible(page);
});

test("the calculator answers a form", async ({ page }) => {
  await page.goto("/cach-tinh");
  await page.getByRole("textbox", { name: "Số hồ sơ (N)" }).fill("2.004");
  await page.getByRole("textbox", { name: "Số phiếu hợp lệ (n)" }).fill("100");
  await page.getByRole("textbox", { name: "Trong đó hài lòng" }).fill("90");
  await page.getByRole("button", { name: "Tính" }).click();
  await expect(page).toHaveURL(/phieu=100/);
  await expect(page.locator("output")).toContainText("90,00%");
  await expectAccessible(page);
});
