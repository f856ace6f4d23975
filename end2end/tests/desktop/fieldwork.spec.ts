// From a list of dossiers to a team that may go: the officer of the measured agency hands the list in, Sở Nội vụ draws
// and makes a team, the supervisor shares the people out and prints what a surveyor carries. With and without script.
import type { Page } from "@playwright/test";
import { account, signIn } from "../../support/staff.js";
import { expect, expectAccessible, test } from "../../support/test.js";

const AGENCY = "so-y-te";
const hamlets = ["ấp Thới Hoà", "ấp Thới Thuận A", "khu vực Bình Thường B"];

/** Names as long as they come, and two dossiers of one person. */
function list(people: number): string {
  const lines = Array.from({ length: people }, (_, n) => {
    const name = n % 9 === 0 ? `Công Tằng Tôn Nữ Thị Hoàng Uyên ${n}` : `Nguyễn Văn Tám ${n}`;
    return `HS-${1000 + n};${name};09${12_000_000 + n};Số ${n}, ${hamlets[n % 3]}, phường Long Tuyền;12/03/1970`;
  });
  return ["Mã hồ sơ;Họ và tên;Điện thoại;Địa chỉ;Ngày sinh", ...lines, `HS-9999;Nguyễn Văn Tám 1;0912000001;;`].join("\n");
}

async function leave(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Đăng xuất", exact: true }).first().click();
}

test("a list becomes a sample, a sample a team's work, and the team may go", async ({ page, server }, info) => {
  test.setTimeout(240_000);
  const shot = async (name: string) => {
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: info.outputPath(`${name}-${width}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, `${name} at ${width} has to be scrolled sideways`).toBeLessThanOrEqual(0);
    }
    await expectAccessible(page);
  };

  await signIn(page, server, "agency-officer", AGENCY);
  await page.getByRole("link", { name: "Danh sách hồ sơ", exact: true }).click();
  await shot("khung-trong");
  expect((await page.goto("/quan-tri/mau"))?.status()).toBe(403);
  expect((await page.goto("/quan-tri/doi"))?.status()).toBe(403);
  await page.goto("/quan-tri/khung");
  const file = (text: string) => ({ name: "danh-sach-ho-so-thang-10.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByLabel("Tệp danh sách").setInputFiles(file(`${list(90)}\n;Không có mã;;;\n`));
  await page.getByRole("button", { name: "Tải lên và chọn cột" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Chọn cột" })).toBeVisible();
  await shot("khung-cot");
  await page.getByRole("button", { name: "Nộp danh sách" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Chọn cột" })).toBeVisible();
  await shot("khung-loi");
  await expect(page.getByText("dòng 93, cột D (Địa chỉ): thiếu địa chỉ và điện thoại")).toBeVisible();
  const handIn = async (people: number) => {
    await page.goto("/quan-tri/khung");
    await page.getByLabel("Tệp danh sách").setInputFiles(file(list(people)));
    await page.getByRole("button", { name: "Tải lên và chọn cột" }).click();
    await page.getByRole("button", { name: "Nộp danh sách" }).click();
    await expect(page.getByRole("status")).toContainText("Đã nhận danh sách");
  };
  await handIn(80);
  await shot("khung-da-nop");
  await leave(page);

  await account(server, "supervisor");
  const surveyors = [await account(server, "surveyor"), await account(server, "surveyor")];
  await signIn(page, server, "admin");
  await page.goto("/quan-tri/mau");
  await shot("mau");
  await page.goto("/quan-tri/doi");
  await shot("doi-trong");
  await page.getByLabel("Tên đội").fill("Đội 1 phường Long Tuyền, thanh niên tình nguyện hè");
  await page.getByRole("button", { name: "Lập đội" }).click();
  const team = page.url();
  await shot("doi-moi");
  for (const surveyor of surveyors) {
    await page.getByLabel("Thêm người").selectOption({ label: `Nguyễn Thị Lan (${surveyor.name})` });
    await page.getByRole("button", { name: "Thêm", exact: true }).click();
  }
  const draw = async () => {
    await page.goto("/quan-tri/mau");
    await page.getByRole("button", { name: "Rút mẫu của 1 cơ quan" }).click();
  };
  // Of last month's list, as it turns out: voided, handed in anew, drawn anew.
  await draw();
  await page.getByRole("link", { name: "Đã rút mẫu Sở Y tế" }).click();
  await page.getByText("Rút nhầm danh sách?").click();
  await page.getByLabel("Lý do huỷ").fill("Cơ quan nộp nhầm danh sách của tháng trước.");
  await shot("mau-huy");
  await page.getByRole("button", { name: "Huỷ lần rút này" }).click();
  await expect(page.getByRole("status")).toContainText("Đã huỷ lần rút");
  await expect(page.getByText("Lý do: Cơ quan nộp nhầm danh sách của tháng trước.")).toBeVisible();
  await shot("mau-da-huy");
  await leave(page);
  await signIn(page, server, "agency-officer", AGENCY);
  await handIn(90);
  await leave(page);
  await signIn(page, server, "admin");
  await draw();
  await shot("mau-da-rut");
  await page.getByRole("link", { name: "Đã rút mẫu Sở Y tế" }).click();
  await shot("mau-danh-sach");
  await page.goto(team);
  await page.getByRole("button", { name: "Chia cho cả đội" }).click();
  await shot("doi-da-chia");
  const shared = page.url();
  await page.goto("/quan-tri/mau");
  await page.getByRole("link", { name: "Đã rút mẫu Sở Y tế" }).click();
  await page.getByText("Rút nhầm danh sách?").click();
  await page.getByLabel("Lý do huỷ").fill("Lại nhầm danh sách lần nữa.");
  await page.getByRole("button", { name: "Huỷ lần rút này" }).click();
  await expect(page.getByRole("alert")).toContainText("đã giao người trong mẫu cho đội");
  await expect(page.getByLabel("Lý do huỷ")).toHaveValue("Lại nhầm danh sách lần nữa.");
  await shot("mau-khong-huy");
  await page.goto(shared);
  await page.getByLabel("Tên ghi trên máy").fill("Máy 07");
  await page.getByRole("button", { name: "Cấp mã ghi danh" }).click();
  await shot("doi-ma");
  await expect(page.getByRole("row", { name: new RegExp(`\\(${surveyors[0]?.name}\\)`) }).first()).toBeVisible();
  const code = (await page.getByText(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/).textContent()) ?? "";
  await page.goto(team);
  await expect(page.getByText(code), "a code is shown once").toHaveCount(0);

  for (const [title, path] of [
    ["Giấy giới thiệu", "in/giay-gioi-thieu"],
    ["Danh sách mẫu", "in/danh-sach"],
    ["Bảng kê nghiệm thu", "in/bang-ke"],
  ] as const) {
    await page.goto(team);
    await page.getByRole("link", { name: title }).first().click();
    expect(page.url()).toContain(path);
    await shot(path.replace("in/", "in-"));
    // Names are on the list that is walked with, and nowhere else.
    await expect(page.getByText("Nguyễn Văn Tám").first()).toBeVisible({ visible: path === "in/danh-sach" });
    await page.pdf({ path: info.outputPath(`${path.replace("in/", "in-")}.pdf`), preferCSSPageSize: true });
  }
  await page.goto("/quan-tri/doi/the-tra-loi");
  await shot("the-tra-loi");
  await page.pdf({ path: info.outputPath("the-tra-loi.pdf"), preferCSSPageSize: true });
  await page.goto("/quan-tri/doi");
  await expect(page.getByRole("row", { name: /Đội 1 phường Long Tuyền/ })).toContainText("75");
  await shot("doi");
});

test("a surveyor sees no team page, and a supervisor the own team alone", async ({ page, server }) => {
  await signIn(page, server, "surveyor");
  expect((await page.goto("/quan-tri/doi"))?.status()).toBe(403);
  await page.goto("/quan-tri");
  await leave(page);
  await signIn(page, server, "supervisor");
  await page.goto("/quan-tri/doi");
  await expect(page.getByText("Đội 1 phường Long Tuyền")).toHaveCount(0);
  await page.getByLabel("Tên đội").fill("Đội của tổ trưởng");
  await page.getByRole("button", { name: "Lập đội" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Đội của tổ trưởng" })).toBeVisible();
  expect((await page.goto("/quan-tri/mau"))?.status()).toBe(403);
  expect((await page.goto("/quan-tri/doi/1"))?.status(), "the team of another").toBe(404);
});
