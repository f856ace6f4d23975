// What the page costs and where it stands: bytes, requests, the first 512 px, no sideways scroll.
import { expect, test } from "../../support/test.js";
import { face, scan } from "./pages.js";

const PAINT_BYTES = 8 * 1024;
const ALL_BYTES = 12 * 1024;

test("one request paints every stage, from at most 8 KB, headers included", async ({ page, desk }) => {
  let requests = 0;
  let all = 0;
  page.on("requestfinished", async (request) => {
    requests += 1;
    const sizes = await request.sizes();
    all += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  for (const path of [`/k/${desk.code}`, `/k/${desk.code}?b=phieu`, `/k/${desk.code}?b=phieu&lang=en`, "/bien-nhan"]) {
    [requests, all] = [0, 0];
    const answer = await page.goto(path, { waitUntil: "networkidle" });
    const sizes = await answer!.request().sizes();
    const paint = sizes.responseBodySize + sizes.responseHeadersSize;
    expect(paint, path).toBeLessThanOrEqual(PAINT_BYTES);
    expect(requests, path).toBe(1);
    expect(all, path).toBeLessThanOrEqual(ALL_BYTES);
  }
});

test("the five faces stand in the first 512 px", async ({ page, desk }) => {
  for (const width of [320, 360, 412]) {
    await page.setViewportSize({ width, height: 640 });
    await scan(page, desk.code);
    const box = await face(page, "Rất hài lòng").boundingBox();
    expect(box!.y + box!.height, `${width} px`).toBeLessThanOrEqual(512);
  }
});

test("nothing scrolls sideways, with text at 130 % and in large type too", async ({ page, desk }) => {
  for (const width of [280, 320, 360]) {
    await page.setViewportSize({ width, height: 640 });
    for (const query of ["", "?b=phieu", "?b=phieu&chu=to", "?b=phieu&lang=en", "?lang=en&chu=to"]) {
      await scan(page, desk.code, query);
      for (const size of ["100%", "130%"]) {
        const over = await page.evaluate((size) => {
          document.documentElement.style.fontSize = size;
          return document.documentElement.scrollWidth - window.innerWidth;
        }, size);
        expect(over, `${width} px, ${query}, ${size}`).toBeLessThanOrEqual(0);
      }
    }
  }
});
