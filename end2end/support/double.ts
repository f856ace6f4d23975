// Another hand than the server's: enrolment, kit, sync, and the opening of sealed answers, written anew after RFC 9180, so
// that the app's sealing is not checked by the code that sealed. What was opened goes to the real `/api/v1/responses`.
import { createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Server } from "./server.js";
import type { Stand } from "./way.js";

/** Sở Nội vụ, which draws the samples. */
const OFFICE = "so-noi-vu";
const SEAL_INFO = "hailong/response/1";

export interface Double {
  stand: Stand;
  /** A code that is good once. */
  code: (work: "sample" | "intercept" | "kiosk", surveyor?: string, people?: number) => Promise<string>;
  /** Events that were taken, in order, each once. */
  events: Record<string, unknown>[];
  /** Plain items that were taken, each once. */
  items: Map<string, Record<string, unknown>>;
}

export async function double(server: Server): Promise<Double> {
  const desk = server.desks.find((desk) => desk.questionnaire === "hanh-chinh-2018")!;
  const file = path.resolve(import.meta.dirname, "../../app/questionnaires/hanh-chinh-2018.toml");
  const read = "import json,sys,tomllib; json.dump(tomllib.load(open(sys.argv[1],'rb')), sys.stdout)";
  const questionnaire = JSON.parse(execFileSync("python3", ["-c", read, file], { encoding: "utf8" }));
  const round = generateKeyPairSync("x25519");
  const publicKey = raw(round.publicKey);
  // A device that makes `sample` belongs to the office of an administrator, not to one that is measured.
  await server.hailong("user", "add", `mau-${randomBytes(6).toString("hex")}`, "--role", "admin", "--agency", OFFICE);
  const codes = new Map<string, { work: string; surveyor: string | undefined; people: number; real: string }>();
  const devices = new Map<string, { device: number; work: string; surveyor: string | undefined; people: number; real: string; receiptKey: Buffer }>();
  const events: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  const items = new Map<string, Record<string, unknown>>();

  const profile = (of: { device: number; work: string; surveyor: string | undefined }) => ({
    device: of.device,
    name: `Máy ${of.device}`,
    work: of.work,
    surveyor: of.surveyor ?? null,
    team: "Tổ 1",
  });

  const made: Double = {
    events,
    items,
    code: async (work, surveyor, people = 42) => {
      const stream = work === "sample" ? "sample" : work === "intercept" ? "intercept" : "open";
      const agency = work === "kiosk" ? desk.agency_code : OFFICE;
      const real = (await server.hailong("device", "add", `e2e ${randomUUID()}`, "--agency", agency, "--stream", stream)).trim();
      const code = randomBytes(4).toString("hex").toUpperCase();
      codes.set(code, { work, surveyor, people, real });
      return code;
    },
    stand: async (method, where, headers, body) => {
      if (where === "/api/v1/field/enrol") {
        const code = codes.get(JSON.parse(body.toString()).code.toUpperCase());
        if (code === undefined) return { status: 403, body: "{}" };
        const device = devices.size + 1;
        const [token, receiptKey] = [randomBytes(32).toString("base64url"), randomBytes(32)];
        devices.set(token, { device, receiptKey, ...code });
        const enrolled = { token, receipt_key: receiptKey.toString("hex"), profile: profile({ device, ...code }) };
        return { status: 200, body: JSON.stringify(enrolled) };
      }
      const device = devices.get((headers.authorization ?? "").slice("Bearer ".length));
      if (device === undefined) return where.startsWith("/api/v1/field/") ? { status: 401, body: "{}" } : undefined;
      const proof = (id: string) => createHmac("sha256", device.receiptKey).update(id).digest("hex");
      if (method === "GET" && where.startsWith("/api/v1/field/kit")) {
        return { status: 200, body: JSON.stringify({
          server_time: Date.now(),
          profile: profile(device),
          round: {
            code: desk.round,
            name: { vi: "Khảo sát 2018", en: "Survey of 2018" },
            closes_at: null,
            questionnaire,
            fields: [["dat-dai", { vi: "Đất đai", en: "Land" }]],
            agencies: [[desk.agency_code, desk.agency]],
            script: {
              version: 2,
              greeting: { vi: "Kính chào Ông/Bà. Tôi đến từ tổ khảo sát của thành phố.", en: "Good day. I come from the city's survey team." },
              consent: { vi: "Tên chỉ để đi đúng nhà, tách khỏi câu trả lời, xoá khi hết đợt. Ông/Bà đồng ý trả lời chứ ạ?", en: "The name only helps to find the house; it is kept apart from the answers and erased after the round. Do you agree?" },
            },
            sealing: { key: "r1", public: publicKey.toString("hex") },
          },
          units: device.work === "sample" ? units(desk.agency_code, device.people) : [],
          posts: device.work === "sample" ? [] : [{
            post: 1, agency: desk.agency_code, desk: desk.code, name: "Bộ phận Một cửa", every: device.work === "kiosk" ? 1 : 3,
            lease: device.work === "kiosk" ? null : { granted: 2, used: 0 },
          }],
          wipe_contacts: false,
          signed_out: false,
        }) };
      }
      if (where === "/api/v1/field/sync") {
        const results = JSON.parse(body.toString()).events.map((event: { id: string }) => {
          const status = seen.has(event.id) ? "duplicate" : "stored";
          if (status === "stored") events.push(event);
          seen.add(event.id);
          return { id: event.id, status, proof: proof(event.id), error: null, lease: null };
        });
        return { status: 200, body: JSON.stringify({ results }) };
      }
      if (where !== "/api/v1/responses") return undefined;
      const sent = JSON.parse(body.toString());
      const plain = sent.responses.map((item: { sealed: string }) => JSON.parse(open(round.privateKey, publicKey, Buffer.from(item.sealed, "base64url")).toString()));
      for (const item of plain) {
        items.set(item.id, { ...item });
        // The real server knows neither this list nor this post.
        delete item.sample_unit;
        delete item.post;
      }
      const answer = await fetch(`${server.url}/api/v1/responses`, {
        method: "POST",
        headers: { authorization: `Bearer ${device.real}`, "content-type": "application/json" },
        body: JSON.stringify({ sent_at: sent.sent_at, responses: plain }),
      });
      const told = await answer.json();
      for (const result of told.results ?? []) {
        if (["stored", "duplicate"].includes(result.status)) result.proof = proof(result.id);
      }
      return { status: answer.status, body: JSON.stringify(told) };
    },
  };
  return made;
}

function units(agency: string, people: number) {
  const hamlets = ["ấp Thới Hoà, xã Thới Lai", "ấp Trường Thọ, xã Trường Xuân", "khu vực 3, phường An Khánh"];
  return Array.from({ length: people + 3 }, (_, n) => ({
    unit: `0190bbbb-0000-7000-8000-${String(n + 1).padStart(12, "0")}`,
    number: n + 1,
    agency,
    field: null,
    party: n % 9 === 8 ? "organisation" : "person",
    reserve: n >= people,
    contact: {
      name: `${["Nguyễn Thị Út", "Trần Văn Bảy", "Lê Hồng Đào"][n % 3]} ${n + 1}`,
      address: `${n + 10} đường số ${1 + (n % 7)}, ${hamlets[n % 3]}`,
      phone: `0900 000 ${String(n + 1).padStart(3, "0")}`,
      note: "",
    },
    attempts: [],
  }));
}

function raw(key: ReturnType<typeof createPublicKey>): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x as string, "base64url");
}

const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();

function extract(salt: Buffer, suite: Buffer, label: string, ikm: Buffer): Buffer {
  return hmac(salt.length === 0 ? Buffer.alloc(32) : salt, Buffer.from("HPKE-v1"), suite, Buffer.from(label), ikm);
}

function expand(prk: Buffer, suite: Buffer, label: string, info: Buffer, length: number): Buffer {
  const head = Buffer.from([length >> 8, length & 255]);
  return hmac(prk, head, Buffer.from("HPKE-v1"), suite, Buffer.from(label), info, Buffer.from([1])).subarray(0, length);
}

/** RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
function open(privateKey: ReturnType<typeof createPrivateKey>, publicKey: Buffer, sealed: Buffer): Buffer {
  const [enc, ciphertext] = [sealed.subarray(0, 32), sealed.subarray(32)];
  const theirs = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: enc.toString("base64url") }, format: "jwk" });
  const kem = Buffer.concat([Buffer.from("KEM"), Buffer.from([0, 0x20])]);
  const shared = extract(Buffer.alloc(0), kem, "eae_prk", diffieHellman({ privateKey, publicKey: theirs }));
  const secret = expand(shared, kem, "shared_secret", Buffer.concat([enc, publicKey]), 32);
  const suite = Buffer.concat([Buffer.from("HPKE"), Buffer.from([0, 0x20, 0, 1, 0, 3])]);
  const none = Buffer.alloc(0);
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(none, suite, "psk_id_hash", none),
    extract(none, suite, "info_hash", Buffer.from(SEAL_INFO)),
  ]);
  const schedule = extract(secret, suite, "secret", none);
  const key = expand(schedule, suite, "key", context, 32);
  const nonce = expand(schedule, suite, "base_nonce", context, 12);
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAuthTag(ciphertext.subarray(-16));
  return Buffer.concat([cipher.update(ciphertext.subarray(0, -16)), cipher.final()]);
}
