// A round as it is on the day the teams set out: a list handed in, its sample drawn, a team with its people, a code for a
// device; all of it through the commands and the pages of staff, so that tablet and server meet as they do in the city.
import { type APIRequestContext, type Browser, type Page, expect, request } from "@playwright/test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Desk, Server } from "./server.js";
import { signIn } from "./staff.js";

/** The round of the sample city: open, and an exercise. */
export const ROUND = "2018";
const HAMLETS = ["ấp Thới Hoà, xã Thới Lai", "ấp Trường Thọ, xã Trường Xuân", "khu vực 3, phường An Khánh"];
const NAMES = ["Nguyễn Thị Út", "Trần Văn Bảy", "Lê Hồng Đào"];

export interface Team {
  /** Key, as in `/quan-tri/doi/KEY`. */
  id: string;
  /** Names of its members, by login of no interest here. */
  people: string[];
  /** The agency whose list it walks, or at whose desk it stands. */
  agency: string;
  /** Makes a code for a device of a member (or of the one post, at a kiosk). */
  code: (person?: string) => Promise<string>;
  /** The page of the team, as text without its marks. */
  page: () => Promise<string>;
  /** Signs a device out from afar, by its name. */
  signOut: (device: string) => Promise<void>;
}

/** Desks and lists that tests of this process have had, by server. */
const had = new WeakMap<Server, number>();

/** Sở Nội vụ of one server. */
export class Office {
  private constructor(private readonly server: Server, private readonly staff: APIRequestContext, private readonly desks: Desk[]) {}

  static async open(server: Server, browser: Browser): Promise<Office> {
    const context = await browser.newContext({ baseURL: server.url, locale: "vi-VN" });
    const page = await context.newPage();
    await signIn(page, server, "admin", "so-noi-vu");
    const storageState = await context.storageState();
    await context.close();
    const staff = await request.newContext({ baseURL: server.url, storageState, extraHTTPHeaders: { "sec-fetch-site": "same-origin" } });
    // Each agency for one test: nothing is drawn twice.
    const administrative = server.desks.filter((desk) => desk.questionnaire === "hanh-chinh-2018");
    const desks = administrative.filter((desk, at) => administrative.findIndex((other) => other.agency_code === desk.agency_code) === at);
    return new Office(server, staff, desks);
  }

  close(): Promise<void> {
    return this.staff.dispose();
  }

  /** A window in which Sở Nội vụ is signed in. */
  async window(browser: Browser): Promise<Page> {
    const context = await browser.newContext({ baseURL: this.server.url, locale: "vi-VN", storageState: await this.staff.storageState() });
    return context.newPage();
  }

  /** A team that walks a drawn list of `n` people and so many in reserve, shared out evenly. */
  async sampleTeam(n: number, surveyors: string[], reserve = 12): Promise<Team> {
    let [desk, list] = [this.desk(), undefined as string | undefined];
    while ((list = await this.draw(desk.agency_code, n, reserve)) === undefined) desk = this.desk();
    const team = await this.team("sample", desk, surveyors);
    const shared = await this.post(`/quan-tri/doi/${team.id}/chia`, { "danh-sach": list, cach: "deu" });
    expect(shared).toContain("xong=chia");
    return team;
  }

  /** A team that asks every third visitor of a desk, so many in all. */
  async interceptTeam(target: number, surveyors: string[]): Promise<Team> {
    const desk = this.desk();
    const team = await this.team("intercept", desk, surveyors);
    await this.post(`/quan-tri/doi/${team.id}/diem`, { quay: desk.code, "ten-diem": "Bộ phận Một cửa", k: "3", "chi-tieu": String(target) });
    return team;
  }

  /** A fixed tablet at a desk. */
  async kiosk(): Promise<Team> {
    const desk = this.desk();
    const team = await this.team("kiosk", desk, []);
    await this.post(`/quan-tri/doi/${team.id}/diem`, { quay: desk.code, "ten-diem": "Bộ phận Một cửa" });
    return team;
  }

  private desk(): Desk {
    const at = had.get(this.server) ?? 0;
    const desk = this.desks[at];
    if (desk === undefined) throw new Error("the sample city has no further agency");
    had.set(this.server, at + 1);
    return desk;
  }

  /** Hands a list in and draws `n` of it by hand; the key of the sample. None for an agency that is drawn by field. */
  private async draw(agency: string, n: number, reserve: number): Promise<string | undefined> {
    const folder = await mkdtemp(path.join(tmpdir(), "hailong-list-"));
    const lines = Array.from({ length: 4 * n }, (_, at) =>
      [`HS${at + 1}`, `${NAMES[at % 3]} ${at + 1}`, `09${String(12_000_000 + at)}`, `${at + 10} đường số ${1 + (at % 7)}, ${HAMLETS[at % 3]}`].join(";"),
    );
    await writeFile(path.join(folder, "ho-so.csv"), ["Mã hồ sơ;Họ tên;Điện thoại;Địa chỉ", ...lines].join("\n"));
    const taken = this.server.hailong("import", "sample", path.join(folder, "ho-so.csv"), "--round", ROUND, "--agency", agency);
    const byField = await taken.then(() => false, (error: Error) => {
      if (!error.message.includes("drawn by field")) throw error;
      return true;
    });
    await rm(folder, { recursive: true });
    if (byField) return undefined;
    const frames = [...(await this.get(`/quan-tri/mau?dot=${ROUND}`)).matchAll(/\/quan-tri\/mau\/khung\/(\d+)/g)];
    const frame = Math.max(...frames.map((found) => Number(found[1])));
    const stratum = /name="(n-\d+)"/.exec(await this.get(`/quan-tri/mau/khung/${frame}`))?.[1] ?? "";
    const percent = String(Math.round((100 * reserve) / n));
    const drawn = await this.post(`/quan-tri/mau/khung/${frame}`, { [stratum]: String(n), "du-phong": percent, "hat-giong": "0".repeat(31) + "7" });
    return /danh-sach\/(\d+)/.exec(drawn)?.[1] ?? "";
  }

  private async team(work: string, desk: Desk, people: string[]): Promise<Team> {
    const no = `${process.pid}-${had.get(this.server)}`;
    const leader = `Tổ trưởng ${no}`;
    await this.server.hailong("user", "add", `to-${no}`, "--role", "supervisor", "--person", leader);
    const supervisor = choice(await this.get("/quan-tri/doi"), leader);
    const made = await this.post("/quan-tri/doi", { ten: `Đội ${no}`, viec: work, dot: ROUND, "to-truong": supervisor });
    const id = made.split("?")[0]!.split("/").at(-1) ?? "";
    const here = `/quan-tri/doi/${id}`;
    const keys = new Map<string, string>();
    for (const [at, person] of people.entries()) {
      const name = `${person} ${no}`;
      await this.server.hailong("user", "add", `dtv-${no}-${at}`, "--role", "surveyor", "--person", name);
      const key = choice(await this.get(here), name);
      keys.set(person, key);
      await this.post(`${here}/them`, { ai: key });
    }
    let devices = 0;
    return {
      id,
      people,
      agency: desk.agency_code,
      code: async (person = people[0]) => {
        devices += 1;
        const holder = work === "kiosk" ? { diem: /name="diem" value="(\d+)"|<option value="(\d+)"[^>]*>Bộ phận Một cửa/.exec(await this.get(here))?.slice(1).find(Boolean) ?? "" } : { ai: keys.get(person ?? "") ?? "" };
        const answer = await this.staff.post(`${here}/ma`, { form: { "ten-may": `Máy ${devices}`, ...holder } });
        const code = /staff-key">([^<]+)</.exec(await answer.text())?.[1];
        if (code === undefined) throw new Error(`no code was made: ${answer.status()}`);
        return code;
      },
      page: async () => (await this.get(here)).replace(/<[^>]*>/g, " ").replace(/\s+/g, " "),
      signOut: async (device) => {
        const rows = (await this.get(here)).split("<tr");
        const key = /name="may" value="(\d+)"/.exec(rows.find((row) => row.includes(device)) ?? "")?.[1] ?? "";
        await this.post(`${here}/dang-xuat-may`, { may: key });
      },
    };
  }

  private async get(where: string): Promise<string> {
    const answer = await this.staff.get(where);
    expect(answer.status(), where).toBe(200);
    return answer.text();
  }

  /** Sends a form, which the server takes by sending the browser on; where to. */
  private async post(where: string, form: Record<string, string>): Promise<string> {
    const answer = await this.staff.post(where, { form, maxRedirects: 0 });
    expect(answer.status(), `${where}: ${await answer.text()}`).toBe(303);
    return answer.headers()["location"] ?? "";
  }
}

/** The value of the choice of this person on a page: "Name (login)". */
function choice(page: string, name: string): string {
  for (const [, value, words] of page.matchAll(/<option value="([^"]*)"[^>]*>([^<]*)</g)) {
    if (words?.trim().startsWith(`${name} (`)) return value ?? "";
  }
  throw new Error(`${name} cannot be chosen`);
}

/** People of a team whose answers are with the server. */
export async function linked(server: Server, team: Team): Promise<number> {
  const sql = `SELECT COUNT(*) FROM sample_link l JOIN assignment a ON a.unit_id = l.unit_id WHERE a.team_id = ${team.id}`;
  return Number((await server.rows(sql))[0]?.[0]);
}
