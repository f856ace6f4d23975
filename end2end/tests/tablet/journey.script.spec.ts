// The main journey: three days without a network, a browser that dies, a road that loses things; and every answer is in
// the index once.
import { expect, test } from "../../support/test.js";
import { double } from "../../support/double.js";
import { answer, begin, enrol, interview, ready, rush, save, tablet, unlock } from "../../support/field.js";
import { openWay } from "../../support/way.js";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test("forty interviews without a network arrive once, whatever the way loses", async ({ server }) => {
  test.setTimeout(300_000);
  const field = await double(server);
  const way = await openWay(server.url, field.stand);
  const device = await tablet(way.url);
  try {
    await enrol(device.page, await field.code("sample", "Nguyễn Thị Lan", 42));
    await ready(device.page);
    await expect(device.page.getByText("42 người · phiếu bản 1 · bộ nhớ đủ · giờ máy đúng")).toBeVisible();

    // Away. The app starts from the device alone.
    way.cut = true;
    await device.page.reload();
    await unlock(device.page);
    for (const number of [1, 2, 3]) await interview(device.page, number, 1 + number);
    await rush(device.page, range(4, 20));

    // The browser dies in the middle of an interview: it goes on at its place.
    await begin(device.page, 21);
    await answer(device.page, 4, 3);
    const place = await device.page.getByRole("heading", { level: 1 }).textContent();
    await device.kill();
    await device.start();
    await unlock(device.page);
    await expect(device.page.getByRole("heading", { level: 1 })).toHaveText(place ?? "");
    await answer(device.page, 4);
    await save(device.page);
    await rush(device.page, range(22, 40));
    await device.page.getByRole("button", { name: "Về đầu" }).click();
    await expect(device.page.getByText("40 phiếu xong: 0 đã nhận, 40 còn trong máy. Đừng xoá dữ liệu trình duyệt.")).toBeVisible();

    // Home: the first reply is lost after the commit, and the browser dies while the next is on its way.
    way.loseReplies = 2;
    way.cut = false;
    await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
    await device.page.getByRole("button", { name: "Gửi ngay" }).click();
    await expect.poll(() => field.items.size).toBe(40);
    await device.kill();
    way.dropEvery = 3;
    way.loseReplies = 1;
    await device.start();
    await unlock(device.page);
    await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
    await expect(async () => {
      await device.page.getByRole("button", { name: "Gửi ngay" }).click();
      await expect(device.page.getByText("Cả 40 phiếu đã nhận. Tắt máy được.")).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });

    // Every receipt is verified: nothing else counts as received. None is twice, and the count agrees.
    expect(field.items.size).toBe(40);
    const done = () => field.events.filter((event) => event.what === "attempt" && event.outcome === "done").length;
    await expect.poll(async () => {
      await device.page.getByRole("button", { name: "Gửi ngay" }).click();
      return done();
    }, { timeout: 60_000 }).toBe(40);
    expect(await server.hailong("recount")).toMatch(/differences 0/);
  } finally {
    await device.stop();
    await way.close();
  }
});
