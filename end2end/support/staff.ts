// Members of staff: an account of the test's own, and its first sign-in.
import { expect, type Page } from "@playwright/test";
import type { Server } from "./server.js";
import { code } from "./totp.js";

export const PASSWORD = "lục bình trôi trên sông";

let made = 0;

/** An account with a one-time password. */
export async function account(server: Server, role: string, agency?: string): Promise<{ name: string; once: string }> {
  made += 1;
  const name = `${role}-${process.pid}-${made}`;
  const place = agency === undefined ? [] : ["--agency", agency];
  const out = await server.hailong("user", "add", name, "--role", role, ...place, "--person", "Nguyễn Thị Lan");
  return { name, once: out.trim() };
}

/** Fills in the sign-in form where the page stands. */
export async function enter(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole("textbox", { name: "Tên đăng nhập" }).fill(name);
  await page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Đăng nhập" }).click();
}

/** Chooses a password in the place of the one-time one. */
export async function choosePassword(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: "Đổi mật khẩu" })).toBeVisible();
  await page.getByLabel("Mật khẩu mới", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Nhập lại mật khẩu mới").fill(PASSWORD);
  await page.getByRole("button", { name: "Đổi mật khẩu" }).click();
}

/** Sets the second factor up; the secret, for later codes. */
export async function setUpSecondFactor(page: Page): Promise<string> {
  await expect(page.getByRole("heading", { level: 1, name: "Thiết lập mã xác thực" })).toBeVisible();
  const secret = (await page.locator("code").textContent()) ?? "";
  await page.getByLabel("Mã xác thực").fill(code(secret));
  await page.getByRole("button", { name: "Xong" }).click();
  return secret;
}

/** A new member of staff, signed in at `/quan-tri`, everything in order. */
export async function signIn(page: Page, server: Server, role: string, agency?: string): Promise<string> {
  const { name, once } = await account(server, role, agency);
  await page.goto("/quan-tri");
  await enter(page, name, once);
  await choosePassword(page);
  if (role === "admin") await setUpSecondFactor(page);
  await expect(page.getByRole("button", { name: "Đăng xuất", exact: true }).first()).toBeVisible();
  return name;
}
