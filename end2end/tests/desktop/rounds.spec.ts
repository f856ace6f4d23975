// A real city: agencies from a file, a round of hospitals, desks, answers, and the lead of Sở Y tế who sees them. The
// server is this file's own and knows nothing of the sample city.
import path from "node:path";
import { startServer } from "../../support/server.js";
import { signIn } from "../../support/staff.js";
import { test as base, expect, expectAccessible, type ServerOptions } from "../../support/test.js";

const agencies = path.resolve(import.meta.dirname, "../../../docs/co-quan-mau.csv");
const hospitals = ["bv-da-khoa", "bv-nhi-dong", "ttyt-so-1"];

const test = base.extend<object, Pick<ServerOptions, "server">>({
  server: [
    async ({}, use) => {
      const server = await startServer("sqlite", { agencies });
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

/** A local date and time, so many days from now, as a form takes it. */
function local(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000 + 7 * 3_600_000);
  return at.toISOString().slice(0, 16);
}

/** Sixty interviews at each hospital, sent by a tablet of Sở Nội vụ. */
async function interview(url: string, token: string): Promise<void> {
  const codes = [["A", 5], ["B", 7], ["C", 11], ["D", 7], ["E", 6]] as const;
  const names = codes.flatMap(([part, n]) => Array.from({ length: n }, (_, at) => `${part}${at + 1}`));
  for (const [at, agency] of hospitals.entries()) {
    // Figures that move are five to nine behind: the pages stand on sixty of each.
    const responses = Array.from({ length: 65 }, (_, n) => {
      const score = n % 10 < 2 + at ? 3 : 5;
      return {
        id: `0190aaaa-0000-7000-8000-${String(at * 1000 + n).padStart(12, "0")}`,
        agency,
        questionnaire: "y-te-noi-tru-2019",
        version: 1,
        mode: "tablet",
        started_at: Date.now() - 600_000,
        finished_at: Date.now() - 1_000,
        answers: Object.fromEntries(names.map((name) => [name, score])),
        facts: { G1: score === 5 ? 90 : 60, G2: score === 5 ? "5" : "3" },
      };
    });
    const answer = await fetch(`${url}/api/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ responses }),
    });
    const { results } = (await answer.json()) as { results: { status: string }[] };
    expect(results.filter((result) => result.status === "stored")).toHaveLength(65);
  }
}

test("a city sets up a round of hospitals, and the lead of Sở Y tế sees them", async ({ browser, page, server }, info) => {
  test.setTimeout(240_000);
  const shot = async (name: string) => {
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: info.outputPath(`${name}-${width}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, `${name} at ${width} has to be scrolled sideways`).toBeLessThanOrEqual(0);
    }
  };

  await signIn(page, server, "admin", "so-noi-vu");
  await page.getByRole("link", { name: "Đợt đo lường", exact: true }).click();
  await expect(page.getByText("Chưa có đợt nào: lập một đợt dưới đây")).toBeVisible();
  await expectAccessible(page);
  await shot("chua-co-dot");

  await page.getByLabel("Mã đợt").fill("y-te");
  await page.getByLabel("Tên đợt").fill("Đợt đo lường y tế");
  await page.getByLabel("Mẫu phiếu").selectOption("y-te-noi-tru-2019@1");
  await page.getByLabel("Kỳ đo lường, ngày đầu").fill("2026-01-01");
  await page.getByLabel("Kỳ đo lường, ngày cuối").fill("2025-12-31");
  await page.getByLabel("Mở nhận phiếu").fill(local(-1));
  await page.getByLabel("Đóng nhận phiếu").fill(local(30));
  await page.getByRole("button", { name: "Lập đợt" }).click();
  await expect(page.getByRole("alert")).toContainText("ngày cuối không trước ngày đầu");
  await expect(page.getByLabel("Tên đợt")).toHaveValue("Đợt đo lường y tế");
  await expectAccessible(page);
  await page.getByLabel("Kỳ đo lường, ngày cuối").fill("2026-12-31");
  await page.getByRole("button", { name: "Lập đợt" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Đợt đo lường y tế" })).toBeVisible();
  await expect(page.getByText("Còn thiếu: chưa có cơ quan nào; chưa có quầy nào.")).toBeVisible();
  await expectAccessible(page);

  const file = (text: string) => ({ name: "n.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  const good = "agency,n\nbv-da-khoa,12000\nbv-nhi-dong,6000\n";
  await page.getByLabel("Tệp danh sách").setInputFiles(file(`${good}bv-la,9\n`));
  await page.getByRole("button", { name: "Nhập tệp" }).click();
  await expect(page.getByRole("alert")).toContainText("dòng 4, cột agency: không có cơ quan nào mang mã “bv-la”");
  await expectAccessible(page);
  await page.getByLabel("Tệp danh sách").setInputFiles(file(good));
  await page.getByRole("button", { name: "Nhập tệp" }).click();
  await expect(page.getByRole("status")).toContainText("Đã ghi: 2 dòng mới");
  await page.getByRole("combobox", { name: "Mã cơ quan" }).fill("ttyt-so-1");
  await page.getByRole("textbox", { name: "Số hồ sơ (N)" }).fill("900");
  await page.getByRole("button", { name: "Ghi dòng này" }).click();
  await expect(page.getByRole("row", { name: /Trung tâm Y tế số 1/ })).toContainText("900");
  await page.getByRole("button", { name: "Thêm cho tất cả" }).click();
  await expect(page.getByRole("status")).toContainText("Đã thêm 3 quầy.");
  await expectAccessible(page);
  await shot("dot");
  await page.getByRole("link", { name: "In bảng có mã QR cho các quầy" }).click();
  // The test's own address is loopback: a poster must not carry it.
  await expect(page.getByRole("alert")).toContainText("PUBLIC_URL chỉ máy này mới mở được");
  await expectAccessible(page);

  const desks: { code: string }[] = JSON.parse(await server.hailong("desks", "--format", "json"));
  expect(desks).toHaveLength(3);
  const phone = await browser.newContext({ viewport: { width: 360, height: 640 } });
  const citizen = await phone.newPage();
  await citizen.goto(`${server.url}/k/${desks[0]?.code}`);
  await citizen.getByRole("button", { name: /^Hài lòng, mức 4/ }).click();
  await expect(citizen).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
  await expect(citizen.getByText("SỐ LIỆU MÔ PHỎNG")).toHaveCount(0);
  await phone.close();
  const token = await server.hailong("device", "add", "Máy 1", "--agency", "so-noi-vu", "--stream", "sample");
  await interview(server.url, token.trim());

  await page.getByRole("button", { name: "Đăng xuất", exact: true }).first().click();
  await signIn(page, server, "sector-lead", "so-y-te");
  await expect(async () => {
    await page.goto("/quan-tri");
    await expect(page.getByText("Các đơn vị do Sở Y tế phụ trách").first()).toBeVisible({ timeout: 1_000 });
    await expect(page.getByText("180").first()).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expectAccessible(page);
  await shot("phu-trach-tong-quan");
  await page.getByRole("link", { name: "Xếp hạng", exact: true }).first().click();
  await expect(page.getByRole("link", { name: /Bệnh viện Nhi đồng/ }).first()).toBeVisible();
  await expectAccessible(page);
  await page.goto("/quan-tri/co-quan/bv-da-khoa");
  const beside = page.getByRole("region", { name: "Bên cạnh chỉ số" });
  await expect(beside.getByRole("row", { name: /Hài lòng toàn diện/ })).toContainText("80,00%");
  await expect(beside.getByRole("row", { name: /Đáp ứng mong đợi/ })).toContainText("84,0 %");
  await expect(beside.getByRole("row", { name: /Sẽ quay lại hoặc giới thiệu/ })).toContainText("80,00%");
  await expectAccessible(page);
  await shot("phu-trach-benh-vien");
  await page.goto("/quan-tri/tom-tat/bv-nhi-dong");
  await expectAccessible(page);
  expect((await page.goto("/quan-tri/co-quan/phuong-so-1"))?.status()).toBe(404);
  expect((await page.goto("/quan-tri/dot"))?.status()).toBe(403);
  await page.goto("/ket-qua");
  await expect(page.getByText("chưa được công bố").first()).toBeVisible();
});
