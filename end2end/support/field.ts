// A tablet: a Chromium with a profile on the disk, so that it can be killed and started again.
import { type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export const PIN = "270419";

export interface Tablet {
  page: Page;
  context: BrowserContext;
  /** Ends the browser's process at once, as a dead battery does. */
  kill: () => Promise<void>;
  /** Starts the browser again on the same disk. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

interface Options {
  viewport?: { width: number; height: number };
  /** Where it begins, if not at the tablet's own app. */
  at?: string;
}

/** A tablet that opens `url`. */
export async function tablet(url: string, { viewport = { width: 800, height: 1280 }, at = "/thuc-dia/" }: Options = {}): Promise<Tablet> {
  const disk = await mkdtemp(path.join(tmpdir(), "hailong-tablet-"));
  const launch = async () => {
    const context = await chromium.launchPersistentContext(disk, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
      viewport,
      hasTouch: true,
      locale: "vi-VN",
      timezoneId: "Asia/Ho_Chi_Minh",
    });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(url + at);
    return { context, page };
  };
  const made: Tablet = {
    ...(await launch()),
    kill: async () => {
      const gone = new Promise<void>((resolve) => made.context.on("close", () => resolve()));
      for (const pid of await browsersOn(disk)) process.kill(pid, "SIGKILL");
      await gone;
    },
    start: async () => {
      Object.assign(made, await launch());
    },
    stop: async () => {
      await made.context.close().catch(() => {});
      await rm(disk, { recursive: true, force: true });
    },
  };
  return made;
}

/** The browser that works on this disk, by its command line; helpers of its own end with it. */
async function browsersOn(disk: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const line = /^\d+$/.test(name) ? await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "") : "";
    if (line.includes(`--user-data-dir=${disk}`) && !line.includes("--type=")) found.push(Number(name));
  }
  return found;
}

/** Enrols by a code and chooses the PIN. */
export async function enrol(page: Page, code: string): Promise<void> {
  await page.getByLabel("Mã ghi danh").fill(code);
  await page.getByRole("button", { name: "Ghi danh máy" }).click();
  await page.getByLabel("PIN (6 chữ số)").fill(PIN);
  await page.getByLabel("Nhập lại PIN").fill(PIN);
  await page.getByRole("button", { name: "Đặt PIN" }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "Hôm nay" })).toBeVisible();
}

/** Types the PIN on the keys of the screen. */
export async function unlock(page: Page, pin = PIN): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: "Nhập PIN" })).toBeVisible();
  for (const digit of pin) await page.getByRole("button", { name: digit, exact: true }).click();
}

/** Waits until the device says that one may leave. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 60_000 });
  await expect(page.getByRole("heading", { name: "Sẵn sàng đi" })).toBeVisible({ timeout: 30_000 });
}

const next = (page: Page) => page.getByRole("button", { name: "Tiếp", exact: true });

/** Opens the interview of the person with this number. */
export async function begin(page: Page, number: number): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^(Hôm nay|Danh sách)$/);
  if (await page.getByRole("button", { name: "Danh sách", exact: true }).isVisible()) {
    await page.getByRole("button", { name: "Danh sách", exact: true }).click();
  }
  await page.getByRole("button", { name: new RegExp(`^${number}\\. `) }).click();
  await page.getByRole("button", { name: "Bắt đầu phỏng vấn" }).click();
  await page.getByRole("button", { name: "Đồng ý, bắt đầu" }).click();
}

/** Answers all statements and the first option of each question on the screen, then goes on, until the end. */
export async function answer(page: Page, score = 5, screens = 99): Promise<void> {
  for (let screen = 0; screen < screens; screen += 1) {
    const heading = await page.getByRole("heading", { level: 1 }).textContent();
    if (heading === "Kết thúc") return;
    await page.evaluate((score) => {
      for (const group of document.querySelectorAll("fieldset")) {
        if (group.querySelector(":checked")) continue;
        const inputs = group.querySelectorAll<HTMLInputElement>(".tab-scale input, .tab-option input");
        (group.querySelector(".tab-scale") ? inputs[score - 1] : inputs[0])?.click();
      }
    }, score);
    await next(page).click();
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(heading ?? "");
  }
}

/** Saves the finished interview. */
export async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Lưu phiếu" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Danh sách" })).toBeVisible();
}

/** A whole interview. */
export async function interview(page: Page, number: number, score = 5): Promise<void> {
  await begin(page, number);
  await answer(page, score);
  await save(page);
}

/** Whole interviews of these people in the page itself: the same screens and buttons, at the pace of the app. */
export async function rush(page: Page, numbers: number[]): Promise<void> {
  await page.evaluate(async (numbers) => {
    const until = async <T>(look: () => T | null | undefined | false): Promise<T> => {
      for (let tries = 0; tries < 3_000; tries += 1) {
        const found = look();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`not on the screen: ${look}`);
    };
    const button = (words: RegExp) => [...document.querySelectorAll("button")].find((each) => words.test(each.textContent ?? ""));
    const press = async (words: RegExp) => (await until(() => button(words))).click();
    const title = () => document.querySelector("h1")?.textContent ?? "";
    for (const number of numbers) {
      await until(() => title() === "Danh sách");
      await press(new RegExp(`^${number}\\. `));
      await press(/^Bắt đầu phỏng vấn$/);
      await press(/^Đồng ý, bắt đầu$/);
      await until(() => button(/^Tiếp$/));
      while (title() !== "Kết thúc") {
        const here = title();
        for (const group of document.querySelectorAll("fieldset")) {
          const inputs = group.querySelectorAll<HTMLInputElement>(".tab-scale input, .tab-option input");
          (group.querySelector(".tab-scale") ? inputs[number % 5] : inputs[0])?.click();
        }
        button(/^Tiếp$/)?.click();
        await until(() => title() !== here);
      }
      await press(/^Lưu phiếu$/);
      await until(() => title() === "Danh sách");
    }
  }, numbers);
}

/** So many interviews at a desk in the page itself, each with the third who comes out. */
export async function rushDesk(page: Page, interviews: number): Promise<void> {
  await page.evaluate(async (interviews) => {
    const until = async <T>(look: () => T | null | undefined | false): Promise<T> => {
      for (let tries = 0; tries < 3_000; tries += 1) {
        const found = look();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`not on the screen: ${look}`);
    };
    const button = (words: string) => [...document.querySelectorAll("button")].find((each) => each.textContent?.trim() === words);
    const press = async (words: string) => (await until(() => button(words))).click();
    const title = () => document.querySelector("h1")?.textContent ?? "";
    for (let n = 0; n < interviews; n += 1) {
      await until(() => button("Một người đi ra"));
      await until(() => document.querySelector("dl"));
      while (!button("Đồng ý, phỏng vấn")) {
        await press("Một người đi ra");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await press("Đồng ý, phỏng vấn");
      await press("Đồng ý, bắt đầu");
      await until(() => button("Tiếp"));
      while (title() !== "Kết thúc") {
        const here = title();
        for (const group of document.querySelectorAll("fieldset")) {
          group.querySelector<HTMLInputElement>(".tab-scale input, .tab-option input")?.click();
        }
        button("Tiếp")?.click();
        await until(() => title() !== here);
      }
      await press("Lưu phiếu");
    }
    await until(() => button("Một người đi ra"));
  }, interviews);
}
