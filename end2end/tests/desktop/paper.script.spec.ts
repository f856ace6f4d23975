// A batch of paper forms: made and printed by a supervisor, keyed by single keys at a human pace, through a reload, a lost
// network and a killed browser; keyed again by somebody else, and settled where the two differ.
import type { Page } from "@playwright/test";
import { tablet } from "../../support/field.js";
import type { Server } from "../../support/server.js";
import { account, choosePassword, enter, PASSWORD, signIn } from "../../support/staff.js";
import { expect, expectAccessible, test } from "../../support/test.js";

/** What a practised clerk needs from key to key, in milliseconds. */
const KEY_MS = 400;
/** A form of 36 rated criteria and what stands around them. */
const QUESTIONNAIRE = "hanh-chinh-2018";
const PAPER = "/quan-tri/phieu-giay";

/** Leaves pictures of a page in three widths, and finds none that has to be scrolled sideways. */
async function seen(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: test.info().outputPath(`${name}-${width}.png`), fullPage: true });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect.soft(wider, `${name}: at ${width} the screen has to be scrolled sideways`).toBeLessThanOrEqual(0);
  }
  if (before) await page.setViewportSize(before);
  await expectAccessible(page);
}

/** On how many lines each question stands. */
const breaks = (page: Page, within: string) =>
  page
    .locator(within)
    .first()
    .locator(".paper-line")
    .evaluateAll((lines) =>
      lines.map((line) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        return new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size;
      }),
    );

/** Makes a batch and prints it; the number of the batch and the codes of its forms. */
async function batch(page: Page, server: Server, forms: number, again: "10" | "100"): Promise<{ id: string; codes: string[] }> {
  const desk = server.desks.find((desk) => desk.questionnaire === QUESTIONNAIRE);
  if (!desk) throw new Error(`no desk of ${QUESTIONNAIRE}`);
  await page.goto(PAPER);
  await page.getByLabel("Đợt", { exact: true }).selectOption(desk.round);
  await page.getByLabel("Mã cơ quan").fill(desk.agency_code);
  await page.getByLabel("Số phiếu").fill(String(forms));
  await page.getByLabel("Nhập lần hai").selectOption(again);
  await page.getByRole("button", { name: "Lập tập phiếu" }).click();
  await expect(page.getByRole("status")).toContainText("Đã lập tập phiếu");
  await page.getByRole("link", { name: /^In phiếu/ }).first().click();
  const codes = await page.locator(".paper-foot b").allTextContents();
  expect(codes).toHaveLength(forms);
  return { id: page.url().split("/").at(-2) ?? "", codes };
}

/** The keys of a form after its code: one a question, two where several options may be chosen. */
async function keysOf(page: Page): Promise<string[]> {
  const shapes = await page.locator("[data-shape]").evaluateAll((all) => all.map((field) => (field as HTMLElement).dataset.shape));
  return shapes.flatMap((shape) => (shape === "one" ? ["1"] : shape === "several" ? ["1", "Enter"] : ["Space"]));
}

/** Types a code; the first question waits then. */
async function start(page: Page, code: string): Promise<void> {
  await page.getByLabel("Mã phiếu").fill(code);
  await page.keyboard.press("Enter");
}

async function keyForm(page: Page, code: string, keys: string[]): Promise<void> {
  await start(page, code);
  await expect(page.locator("[data-shape]").first()).toBeFocused();
  for (const key of keys) await page.keyboard.press(key);
  await page.keyboard.press("Enter");
}

const told = (page: Page) => page.locator("#bao");

test("a clerk keys whole forms by keyboard alone, a lost network loses nothing, and two passes are settled", async ({ browser, page, server }, info) => {
  test.setTimeout(300_000);
  await signIn(page, server, "supervisor");
  await page.goto(PAPER);
  await seen(page, "tap-trong");
  const { id, codes } = await batch(page, server, 3, "100");
  await seen(page, "in");
  await page.emulateMedia({ media: "print" });
  await page.pdf({ path: info.outputPath("phieu.pdf"), preferCSSPageSize: true });
  const printed = await breaks(page, ".paper-sheet");
  await page.emulateMedia({ media: "screen" });

  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: "vi-VN" });
  const clerk = await context.newPage();
  const name = await signIn(clerk, server, "data-entry");
  await clerk.goto(PAPER);
  await seen(clerk, "tap-nguoi-nhap");
  await clerk.getByRole("link", { name: /^Nhập: / }).first().click();
  await seen(clerk, "nhap");
  expect(await breaks(clerk, "#phieu"), "lines break as on the paper").toEqual(printed);
  const keys = await keysOf(clerk);

  // The first form, at the pace of a hand.
  await clerk.getByLabel("Ngày trả lời").fill("2018-11-10");
  await start(clerk, codes[0] ?? "");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  const before = Date.now();
  let next = before;
  for (const key of [...keys, "Enter"]) {
    // The hand is ready for the next key 0.4 s after the last, or when the screen is, whichever is later.
    next = Math.max(next + KEY_MS, Date.now());
    await clerk.waitForTimeout(next - Date.now());
    await clerk.keyboard.press(key);
  }
  await expect(told(clerk)).toContainText("Đã lưu phiếu số 1");
  const seconds = (Date.now() - before) / 1000;
  const questions = await clerk.locator("[data-shape]").count();
  console.log(`paper: ${questions} questions, ${keys.length + 1} keys at ${KEY_MS} ms, ${seconds.toFixed(1)} s`);
  expect(seconds, "a whole form").toBeLessThan(30);
  await expect(clerk.getByLabel("Mã phiếu")).toBeFocused();

  // Keyed before: refused at the code, with who and when.
  await start(clerk, codes[0] ?? "");
  await expect(told(clerk)).toContainText(new RegExp(`${name} đã nhập lúc \\d`));
  await clerk.screenshot({ path: info.outputPath("da-nhap.png") });

  // The own form is opened again, its first answer corrected.
  await clerk.getByLabel("Mã phiếu").press("ArrowUp");
  await expect(told(clerk)).toContainText("Sửa phiếu số 1");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  for (const key of keys) await clerk.keyboard.press(key === "1" ? "2" : key);
  await clerk.keyboard.press("Enter");
  await expect(told(clerk)).toContainText("Đã lưu phiếu số 1");

  // A reload in the middle: form, answers and question are there again.
  await start(clerk, codes[1] ?? "");
  await expect(clerk.locator("[data-shape]").first()).toBeFocused();
  for (const key of keys.slice(0, 9)) await clerk.keyboard.press(key);
  const at = await clerk.evaluate(() => (document.activeElement as HTMLInputElement).name);
  await clerk.reload();
  await expect(clerk.getByLabel("Mã phiếu")).toHaveValue(codes[1] ?? "");
  await expect.poll(() => clerk.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe(at);

  // The network goes: the form waits in the browser, the next one too, and both arrive once it is back.
  await context.setOffline(true);
  for (const key of keys.slice(9)) await clerk.keyboard.press(key);
  await clerk.keyboard.press("Enter");
  await expect(told(clerk)).toContainText("1 phiếu chưa gửi");
  await keyForm(clerk, codes[2] ?? "", keys);
  await expect(told(clerk)).toContainText("2 phiếu chưa gửi");
  await clerk.screenshot({ path: info.outputPath("mat-mang.png") });
  await context.setOffline(false);
  await clerk.evaluate(() => dispatchEvent(new Event("online")));
  await expect(told(clerk)).toContainText("Đã lưu phiếu số 3");
  await clerk.goto(PAPER);
  await expect(clerk.getByText("3/3 đã nhập")).toBeVisible();
  await context.close();

  // Somebody else, blind: the first form otherwise, the others alike.
  const other = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: "vi-VN" });
  const second = await other.newPage();
  await signIn(second, server, "data-entry");
  await second.goto(PAPER);
  await second.getByRole("link", { name: /^Nhập lần hai: / }).first().click();
  await expect(second.locator("#phieu option:checked").filter({ hasText: /^[1-5] – / })).toHaveCount(0);
  await second.getByLabel("Ngày trả lời").fill("2018-11-10");
  const otherwise = keys.map((key) => (key === "1" ? "2" : key));
  otherwise.splice(otherwise.indexOf("2"), 1, "3");
  await keyForm(second, codes[0] ?? "", otherwise);
  await expect(told(second)).toContainText("Đã lưu phiếu số 1");
  for (const [at, code] of codes.slice(1).entries()) {
    await keyForm(second, code, keys);
    await expect(told(second)).toContainText(`Đã lưu phiếu số ${at + 2}`);
  }
  await expect(second.locator("#con-lai")).toHaveText("Không còn phiếu nào chờ nhập.");
  await seen(second, "nhap-lan-hai");
  await other.close();

  // Who would freeze the round is told first what a freeze would leave out.
  const office = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: "vi-VN" });
  const freezing = await office.newPage();
  await signIn(freezing, server, "admin");
  await freezing.goto("/quan-tri/cong-bo/2018/khoa-so");
  await expect(freezing.getByRole("listitem").filter({ hasText: /^Phiếu giấy: 1 đã nhập nhưng chưa tính/ })).toBeVisible();
  await seen(freezing, "khoa-so-con-do");
  await freezing.goto("/quan-tri/cong-bo/2018/khoa-so?lang=en");
  await seen(freezing, "khoa-so-con-do-en");
  await office.close();

  // A supervisor looks at the paper: the first pass is right everywhere.
  await page.goto(`${PAPER}/${id}/doi-chieu`);
  await seen(page, "doi-chieu");
  await page.getByRole("link", { name: /^Phiếu số 1 / }).click();
  await seen(page, "doi-chieu-phieu");
  for (const choice of await page.locator("form fieldset").all()) await choice.getByRole("radio").first().check();
  await page.getByRole("button", { name: "Chốt phiếu" }).click();
  await expect(page.getByRole("status")).toContainText("Đã chốt phiếu");
  await seen(page, "doi-chieu-xong");
  await page.goto(PAPER);
  await expect(page.getByText("3/3 đã nhập · 3 xong")).toBeVisible();
  await seen(page, "tap");
  await page.goto(`${PAPER}?lang=en`);
  await seen(page, "tap-en");
  await page.goto(`${PAPER}/${id}/doi-chieu?lang=en`);
  await seen(page, "doi-chieu-en");
  expect(await server.hailong("recount")).toContain("differences 0");
});

test("a form that was keyed without a network outlives a killed browser and is stored once", async ({ page, server }, info) => {
  test.setTimeout(180_000);
  await signIn(page, server, "supervisor");
  const { id, codes } = await batch(page, server, 2, "10");
  const { name, once } = await account(server, "data-entry");
  const machine = await tablet(server.url, { viewport: { width: 1280, height: 800 }, at: "/quan-tri" });
  try {
    await enter(machine.page, name, once);
    await choosePassword(machine.page);
    await machine.page.goto(`${server.url}${PAPER}/${id}`);
    const keys = await keysOf(machine.page);
    await machine.page.getByLabel("Ngày trả lời").fill("2018-11-10");
    // The first form arrives, but its reply is lost: it is sent again.
    await machine.page.route("**/phieu-giay/*", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await route.fetch();
      return route.abort();
    });
    await keyForm(machine.page, codes[0] ?? "", keys);
    await expect(told(machine.page)).toContainText("1 phiếu chưa gửi");
    await machine.context.setOffline(true);
    await keyForm(machine.page, codes[1] ?? "", keys);
    await expect(told(machine.page)).toContainText("2 phiếu chưa gửi");
    await machine.kill();

    await machine.start();
    // Somebody else at the same machine is told whose forms it keeps, and does not send them.
    const passer = await account(server, "data-entry");
    if (await machine.page.getByRole("button", { name: "Đăng xuất", exact: true }).first().isVisible()) {
      await machine.page.getByRole("button", { name: "Đăng xuất", exact: true }).first().click();
      await machine.page.goto(`${server.url}/quan-tri`);
    }
    await enter(machine.page, passer.name, passer.once);
    await choosePassword(machine.page);
    await machine.page.goto(server.url + PAPER);
    await expect(machine.page.getByText(`phiếu chưa gửi của ${name}`)).toBeVisible();
    await machine.page.screenshot({ path: info.outputPath("may-cua-nguoi-khac.png") });
    await expect(machine.page.getByText("1/2 đã nhập")).toBeVisible();
    await machine.page.getByRole("button", { name: "Đăng xuất", exact: true }).first().click();
    await machine.page.goto(`${server.url}/quan-tri`);
    await enter(machine.page, name, PASSWORD);
    await machine.page.goto(server.url + PAPER);
    await expect(told(machine.page)).toContainText("Đã lưu phiếu số 2");
    await machine.page.reload();
    await expect(machine.page.getByText("2/2 đã nhập")).toBeVisible();
  } finally {
    await machine.stop();
  }
  await page.goto(`${PAPER}/${id}/doi-chieu`);
  await page.getByRole("button", { name: "Đóng tập: tính 1 phiếu đã nhập một lần" }).click();
  await expect(page.getByRole("status")).toContainText("Đã đóng tập");
  await seen(page, "dong-tap");
  expect(await server.hailong("recount")).toContain("differences 0");
});
