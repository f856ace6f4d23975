import { expect, test } from "../../support/test.js";

test("every island wakes up", async ({ page, server }) => {
  const { agency_code: agency } = server.desks[0];
  let islands = 0;
  for (const path of ["/", "/ket-qua", `/ket-qua/${agency}`, "/cach-tinh"]) {
    await page.goto(path);
    const here = await page.locator("leptos-island").count();
    // The script says so once the last one is awake; one that it cannot wake is an error on the console.
    if (here > 0) await expect(page.locator("html")).toHaveAttribute("data-islands", "awake");
    islands += here;
  }
  expect(islands, "islands on the pages of results").toBeGreaterThan(0);
});

test("pages without islands load no script", async ({ page }) => {
  const scripts: string[] = [];
  page.on("request", (request) => {
    if (["script", "fetch"].includes(request.resourceType())) scripts.push(request.url());
  });
  await page.goto("/");
  await page.waitForLoadState("networkidle");
  expect(await page.locator("leptos-island").count()).toBe(0);
  expect(scripts).toEqual([]);
});
