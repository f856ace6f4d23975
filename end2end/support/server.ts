// The built binary with a database of its own, filled by `hailong demo`, on a free port of the loopback interface.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export type Database = "sqlite" | "postgres";

/** One entry of `hailong desks --format json`. */
export interface Desk {
  code: string;
  agency: string;
  agency_code: string;
  round: string;
  questionnaire: string;
  version: number;
  url: string;
}

export interface Server {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  url: string;
  /** All desks of the sample city, those of the administrative questionnaire first. */
  desks: Desk[];
  /** Runs another command of the binary on the same database and returns its standard output. */
  hailong: (...args: string[]) => Promise<string>;
  /** Keeps the state of the database as it is now, as an operator would. */
  backup: () => Promise<void>;
  /** Stops the server, puts that state back, and starts the server again. */
  restore: () => Promise<void>;
  /** What a query finds in the database, as somebody with access to it would see it; numbers as such. */
  rows: (sql: string) => Promise<(string | number | null)[][]>;
  stop: () => Promise<void>;
}

const repository = path.resolve(import.meta.dirname, "../..");
const binary = process.env.HAILONG ?? path.join(repository, "target/release/hailong");
const run = promisify(execFile);

/** Makes the sample city with `responses` simulated responses, or imports `agencies` (a CSV), and serves it until `stop`. */
export async function startServer(database: Database, responses: number | { agencies: string } = 3000): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), "hailong-e2e-"));
  const postgres = database === "postgres" ? await startPostgres() : undefined;
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: postgres?.url ?? `sqlite://${folder}/hailong.db`,
    SECRET_KEY_FILE: path.join(folder, "secret.key"),
    LISTEN: url.slice("http://".length),
    PUBLIC_URL: url,
    BUDGET_DESK: "0",
  };
  const hailong = async (...args: string[]) =>
    (await run(binary, args, { env, cwd: folder, maxBuffer: 64 << 20 })).stdout;

  if (postgres) await hailong("migrate");
  if (typeof responses === "number") await hailong("demo", "--responses", String(responses), "--seed", "7");
  else await hailong("import", "agencies", responses.agencies);
  const desks: Desk[] = JSON.parse(await hailong("desks", "--format", "json"));

  const serve = async () => {
    const log: string[] = [];
    const started = spawn(binary, ["serve"], { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => log.push(text));
    }
    await ready(url, started, log);
    return started;
  };
  let server = await serve();
  const kept = path.join(folder, "kept.backup");
  const tool = async (name: string, ...args: string[]) => (await run(await postgresTool(name), args, { cwd: folder, maxBuffer: 64 << 20 })).stdout;

  return {
    url,
    desks,
    hailong,
    backup: async () => {
      await rm(kept, { force: true });
      if (postgres) await tool("pg_dump", "--format=custom", `--file=${kept}`, postgres.url);
      else await hailong("backup", kept);
    },
    restore: async () => {
      await end(server, "SIGTERM");
      if (postgres) await tool("pg_restore", "--clean", "--if-exists", "--no-owner", `--dbname=${postgres.url}`, kept);
      else await hailong("restore", "--move-aside", kept);
      server = await serve();
    },
    rows: async (sql) => {
      if (postgres) {
        const lines = (await tool("psql", "--no-align", "--tuples-only", "--field-separator=\t", `--command=${sql}`, postgres.url)).split("\n");
        const value = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : text);
        return lines.filter((line) => line !== "").map((line) => line.split("\t").map(value));
      }
      const program = "import json,sqlite3,sys; print(json.dumps(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True).execute(sys.argv[2]).fetchall()))";
      return JSON.parse((await run("python3", ["-c", program, `${folder}/hailong.db`, sql])).stdout);
    },
    stop: async () => {
      await end(server, "SIGTERM");
      await postgres?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the server says that it is ready, or says what it said instead. */
async function ready(url: string, server: ChildProcess, log: string[]): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (server.exitCode !== null) break;
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end(server, "SIGKILL");
  throw new Error(`the server did not become ready:\n${log.join("")}`);
}

/** Ends a process that this file started, and waits for it. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

/** Where a tool of PostgreSQL is, of the newest version that is installed. */
async function postgresTool(name: string): Promise<string> {
  const versions = await readdir("/usr/lib/postgresql");
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0] ?? "";
  return path.join("/usr/lib/postgresql", newest, "bin", name);
}

/** A real PostgreSQL, kept by the same script as in the Rust tests: it ends when its standard input does. */
async function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const keeper = spawn("sh", [path.join(repository, "scripts/postgres.sh")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(keeper.stdout);
  const [url] = (await Promise.race([once(lines, "line"), once(keeper, "exit")])) as [unknown];
  if (typeof url !== "string") throw new Error("PostgreSQL did not start, see above");
  return {
    url,
    stop: async () => {
      const gone = once(keeper, "exit");
      keeper.stdin.end();
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
