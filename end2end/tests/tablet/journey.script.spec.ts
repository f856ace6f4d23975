// The main journey, over the server's own field API: three days without a network, a browser that dies, a road that loses
// things; and every answer is in the index once, with its person, and the supervisor sees it.
import { expect, test } from "../../support/test.js";
import { answer, begin, enrol, interview, ready, rush, save, tablet, unlock } from "../../support/field.js";
import { Office } from "../../support/round.js";
import { openWay } from "../../support/way.js";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test("forty interviews without a network arrive once, whatever the way loses", async ({ browser, server }) => {
  test.setTimeout(400_000);
  const office = await Office.open(server, browser);
  const team = await office.sampleTeam(42, ["Nguyễn Thị Lan"]);
  const counted = async () => Number(/responses (\d+)/.exec(await server.hailong("recount"))?.[1]);
  const before = await counted();
  const way = await openWay(server.url);
  const device = await tablet(way.url);
  try {
    await enrol(device.page, await team.code());
    await ready(device.page);
    await expect(device.page.getByText("42 người · phiếu bản 1 · bộ nhớ đủ · giờ máy đúng")).toBeVisible();
    await expect(device.page.getByText("SỐ LIỆU MÔ PHỎNG")).toBeVisible();

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

    // Home: the first replies are lost after the commit, and the browser dies while the next is on its way.
    const stored = "SELECT COUNT(*) FROM response r JOIN sample_link l ON l.response_id = r.id JOIN assignment a ON a.unit_id = l.unit_id";
    const linked = async () => (await server.rows(`${stored} WHERE a.team_id = ${team.id}`))[0]?.[0];
    way.loseReplies = 2;
    way.cut = false;
    await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
    await device.page.getByRole("button", { name: "Gửi ngay" }).click();
    await expect.poll(linked, { timeout: 30_000 }).toBe(40);
    await device.kill();
    way.dropEvery = 3;
    way.loseReplies = 1;
    await device.start();
    await unlock(device.page);
    await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
    await expect(async () => {
      await device.page.getByRole("button", { name: "Gửi ngay" }).click();
      // Every receipt is verified: nothing else counts as received.
      await expect(device.page.getByText("Cả 40 phiếu đã nhận. Tắt máy được.")).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });

    // None is twice, each is its person's, and the visits are told.
    const visits = `SELECT COUNT(*) FROM attempt t JOIN assignment a ON a.unit_id = t.unit_id WHERE t.outcome = 1 AND a.team_id = ${team.id}`;
    await expect.poll(async () => {
      await device.page.getByRole("button", { name: "Gửi ngay" }).click();
      return (await server.rows(visits))[0]?.[0];
    }, { timeout: 60_000 }).toBe(40);
    expect(await linked()).toBe(40);
    const recount = await server.hailong("recount");
    expect(recount).toMatch(/differences 0/);
    expect(await counted()).toBe(before + 40);
    const standing = await server.rows(`SELECT DISTINCT r.standing, r.stream, r.mode, r.marks FROM response r JOIN device d ON d.id = r.device_id JOIN field_device f ON f.device_id = d.id WHERE f.team_id = ${team.id}`);
    console.log("standing, stream, mode, marks:", JSON.stringify(standing));
    expect(await team.page()).toContain("40 / (40 + 0 + 0 + 0 + 0 + 2)");
  } finally {
    await device.stop();
    await way.close();
    await office.close();
  }
});
