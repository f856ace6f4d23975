// What leaves the device is sealed as RFC 9180 says it: opened here by another hand, and read to the letter.
import { expect, test } from "../../support/test.js";
import { double } from "../../support/double.js";
import { enrol, interview, ready, tablet } from "../../support/field.js";
import { openWay } from "../../support/way.js";

test("a sealed interview opens by the standard, and says what was answered", async ({ server }) => {
  test.setTimeout(180_000);
  const field = await double(server);
  const way = await openWay(server.url, field.stand);
  const device = await tablet(way.url);
  try {
    await enrol(device.page, await field.code("sample", "Nguyễn Thị Lan"));
    await ready(device.page);
    await interview(device.page, 1, 4);
    await expect.poll(() => field.items.size, { timeout: 20_000 }).toBe(1);
    const [item] = [...field.items.values()];
    expect(item).toMatchObject({ mode: "tablet", questionnaire: "hanh-chinh-2018", version: 1, sample_unit: "0190bbbb-0000-7000-8000-000000000001" });
    expect(item).toHaveProperty(["answers", "1.1"], 4);
    await expect.poll(() => field.events.map((event) => [event.what, event.outcome])).toEqual([["attempt", "done"]]);
  } finally {
    await device.stop();
    await way.close();
  }
});
