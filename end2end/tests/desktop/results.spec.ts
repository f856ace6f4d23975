// What only a wide screen shows: the heads of the ranking's columns order it.
import { expect, test } from "../../support/test.js";

test("a click on a column orders the ranking, a second one turns it round", async ({ page }) => {
  await page.goto("/ket-qua?cap=quan-huyen");
  const index = page.getByRole("columnheader", { name: "Chỉ số" }).last();
  await index.getByRole("link").click();
  await expect(page).toHaveURL(/sap=-chi-so/);
  const sorted = page.getByRole("columnheader", { name: "Chỉ số" }).last();
  await expect(sorted).toHaveAttribute("aria-sort", "descending");
  await sorted.getByRole("link").click();
  await expect(page).toHaveURL(/sap=chi-so/);
  await expect(page.getByRole("row")).not.toHaveCount(0);
});
