// An administrator freezes and publishes the demo round; a citizen reads, downloads and checks it, with and without
// script. The round is closed by it, so the server is this file's own.
import { readFile } from "node:fs/promises";
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

test("a round is frozen, published, read and checked", async ({ page, server }, info) => {
  // Eleven states, axe on each.
  test.setTimeout(240_000);
  const shot = async (name: string) => {
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: info.outputPath(`${name}-${width}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, `${name} at ${width} has to be scrolled sideways`).toBeLessThanOrEqual(0);
    }
  };
  await page.goto("/cong-bo");
  await expect(page.getByText("Chưa có bản công bố nào")).toBeVisible();
  await expectAccessible(page);

  await signIn(page, server, "admin");
  await page.getByRole("link", { name: "Công bố", exact: true }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "Chốt số liệu và công bố" })).toBeVisible();
  await expectAccessible(page);
  await page.goto("/quan-tri/cong-bo/2018/khoa-so");
  await expect(page.getByText("Không thể hoàn tác")).toBeVisible();
  await shot("khoa-so");
  await page.getByRole("button", { name: "Chốt số liệu đợt này" }).click();
  await expect(page.getByRole("alert")).toContainText("còn nhận phiếu");
  await expectAccessible(page);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Chốt số liệu đợt này" }).click();
  await expect(page.getByRole("status")).toContainText("Đã chốt số liệu.");
  await page.getByRole("row", { name: /đã chốt số liệu lúc/ }).getByRole("link", { name: /^Công bố/ }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Những gì bị ẩn và vì sao" })).toBeVisible();
  await expectAccessible(page);
  await shot("cong-bo-xem-truoc");
  await page.getByRole("button", { name: "Công bố đợt này" }).click();
  await expect(page.getByRole("status")).toContainText("Đã công bố.");
  await expectAccessible(page);
  await shot("cac-dot");

  await page.context().clearCookies();
  await page.goto("/ket-qua");
  await expect(page.getByText(/^Bản công bố số 1 · mã [0-9A-F]{4}$/).first()).toBeVisible();
  await expect(page.getByText("SỐ LIỆU MÔ PHỎNG").first()).toBeVisible();
  await page.getByRole("link", { name: /^Bản công bố số 1 · mã/ }).first().click();
  await expect(page.getByText(/^Trích dẫn: /)).toBeVisible();
  await expectAccessible(page);
  await shot("ban-cong-bo");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: /^Bản công bố \(JSON/ }).click(),
  ]);
  const file = await download.path();
  expect(await server.hailong("verify", file)).toContain("as expected");

  await page.goto("/cong-bo/kiem-tra");
  await expectAccessible(page);
  await page.getByLabel("Hoặc tệp bản công bố").setInputFiles(file);
  await page.getByRole("button", { name: "Kiểm tra" }).click();
  await expect(page.getByRole("status")).toContainText("Đúng. Đây là bản công bố số 1");
  await expectAccessible(page);
  await shot("kiem-tra");
  const changed = (await readFile(file, "utf8")).replace('"share":"0.8', '"share":"0.9');
  const upload = { name: "ban-cong-bo.json", mimeType: "application/json", buffer: Buffer.from(changed) };
  await page.getByLabel("Hoặc tệp bản công bố").setInputFiles(upload);
  await page.getByRole("button", { name: "Kiểm tra" }).click();
  await expect(page.getByRole("status")).toContainText("Không. Nội dung đã bị sửa");
  await expectAccessible(page);
});
