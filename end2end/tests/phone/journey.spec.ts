// A citizen at a desk, on a phone of 360 px; everything here also runs with scripts off.
import { expect, expectAccessible, test } from "../../support/test.js";
import { answer, answerAll, face, receipt, scan, send, statements } from "./pages.js";

test("one tap is recorded, may be chosen again, and the back button breaks nothing", async ({ page, desk }) => {
  await scan(page, desk.code);
  await expectAccessible(page);
  await face(page, "Hài lòng").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Chọn lại" }).click();
  await face(page, "Không hài lòng").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Không hài lòng/);
  await page.goBack();
  await face(page, "Bình thường").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Bình thường/);
  await page.getByRole("button", { name: "Thế là đủ" }).click();
  expect(await receipt(page)).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  await expectAccessible(page);
});

test("the whole form gives a receipt that was counted, and never shows an answer", async ({ page, desk }) => {
  await scan(page, desk.code);
  await face(page, "Rất hài lòng").click();
  await page.getByRole("button", { name: /^Đánh giá kỹ hơn/ }).click();
  await expect(page).toHaveTitle(/^Đánh giá kỹ hơn/);
  await expectAccessible(page);
  await page.getByLabel("nhận kết quả").check();
  await answerAll(page, statements.slice(0, 18), 5);
  await answer(page, 1, 0);
  await page.getByLabel("Ý kiến khác").fill("Cán bộ tận tình.");
  await send(page).click();
  const code = await receipt(page);
  await expect(page.locator("main")).not.toContainText("hài lòng");
  await page.getByRole("link", { name: "Xem phiếu có được tính không" }).click();
  await expect(page.getByRole("status")).toContainText("Đã nhận, không tính vào chỉ số.");
  await expect(page.getByRole("status")).toContainText("phản hồi tự nguyện");
  await expect(page.getByLabel("Biên nhận")).toHaveValue(code);
  await expectAccessible(page);
});

test("Enter sends and votes for nothing; nothing answered brings the page back", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  const first = page.getByRole("group", { name: /^Câu 1\/22/ }).getByRole("radio").first();
  await first.focus();
  await first.press("Enter");
  await expect(page).toHaveTitle(/^Lỗi: /);
  await expect(page.getByRole("alert")).toContainText("Phiếu chưa có câu trả lời nào");
  await expectAccessible(page);
});

test("faults keep every answer and lead to their fields", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answer(page, 2, 4);
  const wishes = page.getByRole("group", { name: /chọn tối đa 3/ }).getByRole("checkbox");
  for (const index of [0, 1, 2, 3]) await wishes.nth(index).check();
  await page.getByLabel("Ý kiến khác").fill("</textarea></title><script>x</script>");
  await send(page).click();
  await expect(page).toHaveTitle(/^Lỗi: /);
  await page.getByRole("alert").getByRole("link", { name: /nhiều nhất 3 ý/ }).click();
  await expect(page.getByRole("group", { name: /chọn tối đa 3/ })).toBeInViewport();
  await expect(page.getByRole("group", { name: /^Câu 2\/22/ }).getByRole("radio").nth(3)).toBeChecked();
  await expect(page.getByLabel("Ý kiến khác")).toHaveValue("</textarea></title><script>x</script>");
  await expectAccessible(page);
});

test("under half answered it asks once", async ({ page, desk }) => {
  await scan(page, desk.code, "?b=phieu");
  await answerAll(page, [1, 2, 3, 4], 4);
  await send(page).click();
  await expect(page.getByRole("alert")).toContainText("Còn 14 câu chưa trả lời.");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Trả lời tiếp" }).click();
  await expect(page.getByRole("group", { name: /^Câu 5\/22/ })).toBeInViewport();
  await answer(page, 5, 3);
  await send(page).click();
  await receipt(page);
});

test("each part leads to the next, and who stops is asked once and goes on with the same form", async ({ page, desk }, info) => {
  await scan(page, desk.code);
  await face(page, "Hài lòng").click();
  await page.getByRole("button", { name: /^Đánh giá kỹ hơn/ }).click();
  await expect(page).toHaveTitle(/^Đánh giá kỹ hơn/);
  const form = page.url();
  await answerAll(page, statements.slice(0, 12), 4);
  await page.getByLabel("Ý kiến khác").fill("còn nữa");
  await page.getByRole("link", { name: "Tiếp: phần 4 ↓" }).click();
  await expect(page.getByRole("heading", { name: "4. Kết quả dịch vụ" })).toBeInViewport();
  await page.screenshot({ path: info.outputPath("form-part-360.png") });
  await page.getByRole("button", { name: "Dừng ở đây và gửi" }).first().click();
  await expect(page.getByRole("alert")).toContainText("Còn 6 câu chưa trả lời.");
  await page.screenshot({ path: info.outputPath("form-stop-360.png") });
  await expectAccessible(page);
  await page.getByRole("alert").getByRole("button", { name: "Dừng ở đây và gửi" }).click();
  const first = await receipt(page);
  await page.screenshot({ path: info.outputPath("done-part-360.png") });
  await expectAccessible(page);
  const seventh = page.getByRole("group", { name: /^Câu 7\/22/ }).getByRole("radio").nth(3);
  // Where Back leads to: never an empty form.
  await page.goto(form);
  await expect(seventh).toBeChecked();
  await scan(page, desk.code, "?b=phieu");
  await page.getByRole("button", { name: "Trả lời tiếp phần còn lại" }).click();
  await expect(seventh).toBeChecked();
  await expect(page.getByLabel("Ý kiến khác")).toHaveValue("còn nữa");
  await expectAccessible(page);
  await answerAll(page, statements.slice(12, 18), 5);
  await send(page).click();
  expect(await receipt(page)).toBe(first);
  await expect(page.getByRole("button", { name: "Trả lời tiếp phần còn lại" })).toHaveCount(0);
  await page.goto(form);
  expect(await receipt(page)).toBe(first);
  await scan(page, desk.code, "?b=phieu");
  await expect(page.locator(".notice")).toContainText(/Máy này đã gửi một phiếu lúc \d+:\d\d\./);
});

test("the address of an answer opens on its own phone only", async ({ page, browser, desk }, info) => {
  await scan(page, desk.code);
  await face(page, "Rất hài lòng").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Rất hài lòng/);
  const other = await browser.newContext({ ...info.project.use });
  const stranger = await other.newPage();
  await stranger.goto(page.url());
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("Trang này chỉ mở được trên máy đã trả lời");
  await stranger.screenshot({ path: info.outputPath("elsewhere-360.png") });
  await expectAccessible(stranger);
  await stranger.getByRole("link", { name: "Đánh giá sự phục vụ tại quầy này" }).click();
  await face(stranger, "Rất không hài lòng").click();
  await expect(stranger).toHaveTitle(/^Đã ghi nhận: Rất không hài lòng/);
  await other.close();
  await page.reload();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Rất hài lòng/);
});

test("a second answer from the same phone is taken and told", async ({ page, desk }) => {
  await scan(page, desk.code);
  await face(page, "Hài lòng").click();
  await page.getByRole("button", { name: "Thế là đủ" }).click();
  const first = await receipt(page);
  await scan(page, desk.code);
  await face(page, "Rất không hài lòng").click();
  await expect(page.locator(".notice")).toContainText(/Máy này đã gửi một phiếu lúc \d+:\d\d\./);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Thế là đủ" }).click();
  expect(await receipt(page)).not.toBe(first);
  await page.getByRole("button", { name: "Đánh giá cho hồ sơ khác" }).click();
  await face(page, "Hài lòng").click();
  await expect(page).toHaveTitle(/^Đã ghi nhận: Hài lòng/);
  await expect(page.locator(".notice")).toHaveCount(0);
});

test("without cookies everything works", async ({ page, context, desk }) => {
  await scan(page, desk.code);
  await face(page, "Hài lòng").click();
  await context.clearCookies();
  await page.getByRole("button", { name: /^Đánh giá kỹ hơn/ }).click();
  await answerAll(page, statements.slice(0, 12), 4);
  await context.clearCookies();
  await send(page).click();
  await receipt(page);
});

test("language and size change in the middle and answers stay", async ({ page, desk }) => {
  await scan(page, desk.code);
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("link", { name: "Tiếng Việt" }).click();
  await face(page, "Hài lòng").click();
  await page.getByRole("button", { name: /^Đánh giá kỹ hơn/ }).click();
  await answer(page, 3, 2);
  await page.getByRole("button", { name: "Chữ to" }).click();
  const third = page.getByRole("group", { name: /^Câu 3\/22/ }).getByRole("radio");
  await expect(third.nth(1)).toBeChecked();
  // A list: each level below the one before.
  const tops = await third.evaluateAll((radios) => radios.map((radio) => radio.getBoundingClientRect().top));
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  expect(new Set(tops).size).toBe(6);
  await expectAccessible(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("group", { name: /^Question 3\/22/ }).getByRole("radio").nth(1)).toBeChecked();
});

test("a wrong code and a wrong receipt have words", async ({ page }) => {
  const answered = await page.goto("/k/2222222222");
  expect(answered?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Không có quầy nào mang mã này");
  await expectAccessible(page);
  await page.goto("/bien-nhan");
  await page.getByLabel("Biên nhận").fill("<b>");
  await page.getByRole("button", { name: "Xem" }).click();
  await expect(page.getByRole("status")).toContainText("Mã này không phải biên nhận.");
  await expectAccessible(page);
});
