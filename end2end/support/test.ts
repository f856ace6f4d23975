// `test` as every spec imports it: with a server of the worker's own, a desk of the test's own, and an eye on the
// console. Whatever the browser complains about (a refused script, a failed wake-up of an island) fails the test.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test as base } from "@playwright/test";
import { type Database, type Desk, type Server, startServer } from "./server.js";

export interface ServerOptions {
  database: Database;
  server: Server;
}

interface Fixtures {
  /** A desk of the administrative questionnaire that no other test of this worker uses. */
  desk: Desk;
  quietConsole: void;
}

let desksTaken = 0;

export const test = base.extend<Fixtures, ServerOptions>({
  database: ["sqlite", { option: true, scope: "worker" }],
  server: [
    async ({ database }, use) => {
      const server = await startServer(database);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  desk: async ({ server }, use) => {
    const desks = server.desks.filter((desk) => desk.questionnaire === "hanh-chinh-2018");
    const desk = desks[desksTaken % desks.length];
    desksTaken += 1;
    await use(desk);
  },
  quietConsole: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      // A page that answers 404 or 422 on purpose makes Chromium complain about that page's own address; so does the
      // phone page's script, which posts first and lets the page post itself when the server has something to say.
      const refused = new Set<string>();
      page.on("response", (response) => {
        const request = response.request();
        const meant = request.isNavigationRequest() || request.headers()["accept"] === "application/json";
        if (response.status() >= 400 && meant) refused.add(response.url());
      });
      page.on("console", (message) => {
        if (message.type() === "error" && !refused.has(message.location().url)) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use();
      expect(complaints, "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],
});

/**
 * axe finds nothing on the page as it stands: WCAG 2.2 A and AA, and its best practices. axe is a script itself: where
 * scripts are off it looks at the same markup in a second window, in which only axe runs.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const scripted = test.info().project.use.javaScriptEnabled !== false;
  const seen = scripted ? page : await sameMarkup(page);
  const { violations } = await new AxeBuilder({ page: seen }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target).join(", ")})`);
  expect(found, `axe on ${page.url()}`).toEqual([]);
  if (!scripted) await seen.context().close();
}

async function sameMarkup(page: Page): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  const context = await browser.newContext({ viewport: page.viewportSize(), locale: "vi-VN", javaScriptEnabled: true });
  const copy = await context.newPage();
  const markup = (await page.content()).replace(/<script\b[^]*?<\/script>/g, "");
  await copy.route(page.url(), (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: markup }));
  await copy.goto(page.url());
  return copy;
}

export { expect };
