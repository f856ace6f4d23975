// Staff sign in for the first time: an administrator, an agency officer, an auditor; on every screen, with and
// without script.
import { account, choosePassword, enter, PASSWORD, setUpSecondFactor, signIn } from "../../support/staff.js";
import { expect, expectAccessible, test } from "../../support/test.js";
import { code } from "../../support/totp.js";

test("nobody sees a page of staff without signing in, and a wrong password is explained", async ({ page }) => {
  await page.goto("/quan-tri/nhat-ky");
  await expect(page).toHaveURL(/dang-nhap\?tiep=/);
  await expectAccessible(page);
  await enter(page, "khong-co-ai", PASSWORD);
  await expect(page).toHaveTitle(/^Lỗi: Đăng nhập/);
  await expect(page.getByRole("alert")).toContainText("không đúng");
  await expectAccessible(page);
});

test("an administrator changes the first password, sets up the second factor, and is in", async ({ page, server }) => {
  const { name, once } = await account(server, "admin");
  await page.goto("/quan-tri");
  await enter(page, name, once);
  await expectAccessible(page);
  await page.getByLabel("Mật khẩu mới", { exact: true }).fill("ngắn quá");
  await page.getByLabel("Nhập lại mật khẩu mới").fill("ngắn quá");
  await page.getByRole("button", { name: "Đổi mật khẩu" }).click();
  await expect(page.getByRole("alert")).toContainText("ít nhất 12 ký tự");
  await expectAccessible(page);
  await choosePassword(page);
  await expectAccessible(page);
  await expect(page.getByRole("img", { name: /quét bằng ứng dụng/ })).toBeVisible();
  const secret = await setUpSecondFactor(page);

  await expect(page.getByRole("heading", { level: 1, name: "Tổng quan" })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Đăng xuất", exact: true }).first().click();
  await enter(page, name, PASSWORD);
  await expect(page.getByRole("heading", { level: 1, name: "Mã xác thực" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Mã xác thực").fill(code(secret, 1));
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Tổng quan" })).toBeVisible();
});

test("an administrator makes an account, whose password is shown once", async ({ page, server }) => {
  await signIn(page, server, "admin");
  await page.goto("/quan-tri/nguoi-dung");
  const name = `can-bo-${process.pid}-${Date.now() % 1_000_000}`;
  await page.getByRole("textbox", { name: "Tên đăng nhập" }).fill(name);
  await page.getByRole("textbox", { name: "Họ tên" }).fill("Trần Văn Minh");
  await page.getByLabel("Vai trò").selectOption({ label: "Cán bộ cơ quan" });
  await page.getByRole("button", { name: "Thêm" }).click();
  await expect(page.getByRole("alert")).toContainText("cần mã cơ quan");
  await expectAccessible(page);
  await page.getByLabel("Mã cơ quan").fill(server.desks[0].agency_code);
  await page.getByRole("button", { name: "Thêm" }).click();
  await expect(page.getByRole("status")).toContainText(`Mật khẩu dùng một lần của ${name}`);
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByRole("status")).toHaveCount(0);
});

test("an agency officer sees the own account and neither accounts nor log", async ({ page, server }) => {
  await signIn(page, server, "agency-officer", server.desks[0].agency_code);
  await page.goto("/quan-tri/tai-khoan");
  await expect(page.getByText(server.desks[0].agency).first()).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expectAccessible(page);
  await expect(page.getByRole("link", { name: "Nhật ký" })).toHaveCount(0);
  for (const path of ["/quan-tri/nguoi-dung", "/quan-tri/nhat-ky"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(403);
    await expect(page.getByText("không có quyền mở trang này")).toBeVisible();
  }
  await expectAccessible(page);
  await page.goto("/quan-tri/tai-khoan");
  await page.getByRole("button", { name: "Đăng xuất mọi nơi" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Đăng nhập" })).toBeVisible();
});

test("an auditor reads the log, filters it, and finds the own sign-in", async ({ page, server }) => {
  const name = await signIn(page, server, "auditor");
  await expect(page.getByRole("heading", { level: 1, name: "Nhật ký" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Việc").selectOption({ label: "Đổi mật khẩu" });
  await page.getByRole("textbox", { name: "Tài khoản" }).fill(name);
  await page.getByRole("button", { name: "Xem" }).click();
  await expect(page).toHaveURL(/viec=password-changed/);
  await expect(page.getByRole("row")).toHaveCount(2);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider, "nothing has to be scrolled sideways").toBeLessThanOrEqual(0);
});
