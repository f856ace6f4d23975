// The phone page as these specs speak of it.
import type { Page } from "@playwright/test";

/** The codes of the 22 statements, in order. */
export const statements = Array.from({ length: 22 }, (_, index) => index + 1);

/** Opens the desk's first page. */
export async function scan(page: Page, code: string, query = ""): Promise<void> {
  await page.goto(`/k/${code}${query}`);
}

/** One of the five faces by its words. */
export const face = (page: Page, words: string) => page.getByRole("button", { name: new RegExp(`^${words}, mức`) });

/** Gives statement `number` (from 1) a score, or 0. */
export async function answer(page: Page, number: number, score: number): Promise<void> {
  const group = page.getByRole("group", { name: new RegExp(`^Câu ${number}/22`) });
  await group.getByRole("radio").nth(score === 0 ? 5 : score - 1).check();
}

/** Gives these statements a score. */
export async function answerAll(page: Page, numbers: number[], score: number): Promise<void> {
  for (const number of numbers) await answer(page, number, score);
}

/** The last "Gửi" of the form. */
export const send = (page: Page) => page.getByRole("button", { name: "Gửi", exact: true }).last();

/** The text of the receipt on the last page. */
export async function receipt(page: Page): Promise<string> {
  await page.getByRole("heading", { name: "Xin trân trọng cảm ơn Ông/Bà!" }).waitFor();
  return page.locator(".receipt").innerText();
}
