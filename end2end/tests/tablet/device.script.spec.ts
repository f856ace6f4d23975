// What a tablet does when something is not as it should be: PIN, tabs, room, clock, an old app, sign-out.
import { expect, expectAccessible, test } from "../../support/test.js";
import { answer, begin, enrol, interview, ready, save, type Tablet, tablet, unlock } from "../../support/field.js";
import { linked, Office } from "../../support/round.js";
import { openWay, type Way } from "../../support/way.js";

let office: Office;
let way: Way;
let device: Tablet;

test.describe.configure({ timeout: 180_000 });

test.beforeAll(async ({ browser, server }) => {
  office = await Office.open(server, browser);
});

test.afterAll(() => office.close());

test.beforeEach(async ({ server }) => {
  way = await openWay(server.url);
  device = await tablet(way.url);
});

test.afterEach(async () => {
  await device.stop();
  await way.close();
});

const heading = (name: string) => device.page.getByRole("heading", { level: 1, name });

test("a code that is wrong enrols nothing", async () => {
  await device.page.getByLabel("Mã ghi danh").fill("WRONG");
  await device.page.getByRole("button", { name: "Ghi danh máy" }).click();
  await expect(device.page.getByText("Mã không đúng, đã dùng hoặc đã hết hạn.")).toBeVisible();
  await expectAccessible(device.page);
});

test("ten wrong PINs erase contacts and no answer, and a new code sends what is on the device", async ({ server }) => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await enrol(device.page, await team.code());
  await ready(device.page);
  way.cut = true;
  await interview(device.page, 1);
  await device.page.getByRole("button", { name: "Về đầu" }).click();
  await device.page.getByRole("button", { name: "Khoá máy" }).click();
  for (let tries = 1; tries <= 10; tries += 1) {
    await unlock(device.page, "111111");
    await expect(device.page.getByText(tries < 10 ? `Còn ${10 - tries} lần` : "thông tin liên hệ đã xoá khỏi máy")).toBeVisible({ timeout: 15_000 });
  }
  expect(await box(device), "contact data is gone from the disk").not.toContain("contacts/");
  await device.page.getByRole("button", { name: "Quên PIN" }).click();
  await expectAccessible(device.page);
  way.cut = false;
  await enrol(device.page, await team.code());
  await expect(device.page.getByText("Phiếu duy nhất đã nhận. Tắt máy được.")).toBeVisible({ timeout: 20_000 });
  expect(await linked(server, team)).toBe(1);
});

test("the second tab says that the first is open", async () => {
  const second = await device.context.newPage();
  await second.goto(`${way.url}/thuc-dia/`);
  await expect(second.getByRole("heading", { level: 1, name: "Đang mở ở thẻ khác" })).toBeVisible();
  await expectAccessible(second);
  await device.page.close();
  await second.getByRole("button", { name: "Mở lại" }).click();
  await expect(second.getByRole("heading", { level: 1, name: "Ghi danh máy" })).toBeVisible();
});

test("a clock that is a day wrong is told before leaving", async () => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await device.page.clock.setFixedTime(Date.now() - 24 * 3_600_000);
  await enrol(device.page, await team.code());
  await expect(device.page.getByText(/giờ máy chậm 1 ngày: sửa trong phần cài đặt/)).toBeVisible();
  await expect(device.page.getByRole("heading", { name: "Chưa đi được" })).toBeVisible();
});

test("an app two versions old stays while something waits, and gives way when all is sent", async () => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  way.version = "000000000001";
  await device.stop();
  device = await tablet(way.url);
  await enrol(device.page, await team.code());
  await ready(device.page);
  const version = () => device.page.locator("meta[name=version]").getAttribute("content");
  way.cut = true;
  await interview(device.page, 1);
  for (const newer of ["000000000002", "000000000003"]) {
    way.version = newer;
    way.cut = false;
    // The API is out of reach, the files are not.
    way.dropEvery = 1;
    await device.kill();
    await device.start();
    await unlock(device.page);
    await device.page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/thuc-dia/"))?.update());
    await expect.poll(() => device.page.evaluate(() => caches.keys()), { timeout: 15_000 }).toContain(`thuc-dia ${newer}`);
    expect(await version()).toBe("000000000001");
  }
  way.dropEvery = 0;
  await device.page.getByRole("button", { name: "Phiếu trong máy" }).click();
  await device.page.getByRole("button", { name: "Gửi ngay" }).click();
  await expect.poll(version, { timeout: 20_000 }).toBe("000000000003");
  await unlock(device.page);
  await expect(device.page.getByText("Phiếu duy nhất đã nhận.")).toBeVisible();
});

test("nothing on the disk can be read without the PIN", async ({ server }) => {
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await enrol(device.page, await team.code());
  await ready(device.page);
  way.cut = true;
  await begin(device.page, 1);
  await answer(device.page, 4, 2);
  const disk = await box(device);
  for (const word of ["Nguyễn Thị Út", "Thới Hoà", "0900", "token\":"]) expect(disk).not.toContain(word);
  await answer(device.page, 4);
  await save(device.page);
  expect(await box(device)).not.toContain("\"1.1\"");
  // What lies there sends, and takes no name.
  const send = /\\"send\\":\\"([^"\\]+)/.exec(await box(device))?.[1] ?? "";
  expect(send).toMatch(/^send\.\d+\./);
  const kit = await fetch(`${server.url}/api/v1/field/kit`, { headers: { authorization: `Bearer ${send}` } });
  expect(kit.status).toBe(401);
});

test("storage that is nearly full is told before leaving", async () => {
  const { page } = device;
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await page.addInitScript(() => {
    navigator.storage.estimate = async () => ({ quota: 30 << 20, usage: 20 << 20 });
  });
  await page.reload();
  await enrol(page, await team.code());
  await expect(page.getByText("bộ nhớ sắp hết, hãy xoá bớt ảnh, ứng dụng")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Chưa đi được" })).toBeVisible();
});

test("a form that finds no room is handed over as a file, and saved once there is room", async ({ server }, info) => {
  const { page } = device;
  const team = await office.sampleTeam(5, ["Nguyễn Thị Lan"]);
  await enrol(page, await team.code());
  await ready(page);
  way.cut = true;
  await begin(page, 1);
  await answer(page, 4);
  const cdp = await device.context.newCDPSession(page);
  const room = async (quotaSize?: number) => {
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: way.url, ...(quotaSize === undefined ? {} : { quotaSize }) });
    // Chromium trusts what it knew of the room for half a minute.
    await page.waitForTimeout(35_000);
  };
  await room(1);
  await page.getByRole("button", { name: "Lưu phiếu" }).click();
  await expect(page.getByText("Bộ nhớ đã đầy, CHƯA lưu được.")).toBeVisible();
  await expectAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Xuất ra tệp" }).click();
  await (await download).saveAs(info.outputPath("outbox.json"));
  expect(await server.hailong("import", "outbox", info.outputPath("outbox.json"))).toContain("responses 1 stored 1");
  await room();
  await save(page);
  way.cut = false;
  await page.getByRole("button", { name: "Về đầu" }).click();
  await page.getByRole("button", { name: "Phiếu trong máy" }).click();
  await page.getByRole("button", { name: "Gửi ngay" }).click();
  // The server has it from the file: the same form, a duplicate.
  await expect(page.getByText("Phiếu duy nhất đã nhận. Tắt máy được.")).toBeVisible({ timeout: 20_000 });
  expect(await linked(server, team)).toBe(1);
});

/** Everything in the box, as text. */
async function box(of: Tablet): Promise<string> {
  return of.page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const request = indexedDB.open("thuc-dia");
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const store = request.result.transaction("box").objectStore("box");
          const [keys, values] = [store.getAllKeys(), store.getAll()];
          values.onsuccess = () => resolve(JSON.stringify([keys.result, values.result]));
        };
      }),
  );
}
