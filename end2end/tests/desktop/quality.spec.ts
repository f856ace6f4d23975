// Quality control: what stands out, a proposal of one administrator, the agreement of another, the proof of it; with and
// without script. Interviews are left out by it, so the server is this file's own.
import { startServer } from "../../support/server.js";
import { signIn } from "../../support/staff.js";
import { test as base, expect, expectAccessible, type ServerOptions } from "../../support/test.js";

const test = base.extend<object, Pick<ServerOptions, "server">>({
  server: [
    async ({}, use) => {
      const server = await startServer("sqlite", 1500);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

test("one proposes to leave interviews out, another agrees, and it is written down", async ({ browser, page, server }, info) => {
  test.setTimeout(240_000);
  const shot = async (name: string) => {
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: info.outputPath(`${name}-${width}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, `${name} at ${width} has to be scrolled sideways`).toBeLessThanOrEqual(0);
    }
  };
  await signIn(page, server, "admin");
  await page.goto("/quan-tri/chat-luong");
  await expect(page.getByRole("heading", { level: 1, name: "Kiểm tra chất lượng" })).toBeVisible();
  await shot("cac-dot");
  await expectAccessible(page);
  await page.locator("main table a").first().click();
  await expect(page.getByRole("heading", { name: "Quy tắc loại phiếu" })).toBeVisible();
  await expect(page.getByText("Không có đề nghị nào chờ duyệt.")).toBeVisible();
  await shot("dot");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Gọi lại người trả lời" }).click();
  await expect(page.getByText("Chưa rút ai để gọi lại.")).toBeVisible();
  await shot("goi-lai");
  await expectAccessible(page);
  await page.goBack();

  await page.getByRole("link", { name: "Xem phiếu có dấu hiệu" }).click();
  await page.getByLabel("Phiếu", { exact: true }).selectOption("tat-ca");
  await page.getByRole("button", { name: "Lọc" }).click();
  await expect(page.getByRole("table")).toBeVisible();
  await page.getByRole("checkbox").nth(0).check();
  await page.getByRole("checkbox").nth(1).check();
  await page.getByLabel("Lý do cụ thể").fill("ngắn");
  await page.getByRole("button", { name: "Đề nghị loại khỏi chỉ số" }).click();
  await expect(page).toHaveTitle(/^Lỗi: /);
  await expect(page.getByRole("checkbox").nth(1)).toBeChecked();
  await expect(page.getByLabel("Lý do cụ thể")).toHaveValue("ngắn");
  await shot("phieu");
  await expectAccessible(page);
  await page.getByLabel("Nhóm lý do").selectOption("khong-phong-van");
  await page.getByLabel("Lý do cụ thể").fill("Gọi lại, người trong mẫu cho biết không có ai đến hỏi.");
  await page.getByRole("button", { name: "Đề nghị loại khỏi chỉ số" }).click();
  await expect(page.getByRole("status")).toContainText("Cần một người khác đồng ý");
  await expect(page.getByRole("button", { name: "Đồng ý", exact: true })).toHaveCount(0);
  await shot("cho-duyet");
  await expectAccessible(page);
  const round = new URL(page.url()).pathname;

  const other = await browser.newPage({ baseURL: server.url });
  await signIn(other, server, "admin");
  await other.goto(round);
  await other.getByRole("link", { name: "Xem các phiếu này" }).click();
  await expect(other.getByRole("row")).toHaveCount(3);
  await other.goBack();
  await other.getByRole("button", { name: "Đồng ý", exact: true }).click();
  await expect(other.getByRole("status")).toContainText("2 phiếu thay đổi tình trạng");
  await expect(other.getByRole("cell", { name: "có hiệu lực" })).toBeVisible();
  await other.close();

  await page.goto(round);
  await shot("da-quyet");
  await expectAccessible(page);
  await page.goto(`${round}/phieu?nao=da-loai&lang=en`);
  await expect(page.getByRole("row")).toHaveCount(3);
  await expectAccessible(page);
});
