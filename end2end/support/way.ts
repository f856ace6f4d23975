// The way between a tablet and the server: a proxy on the loopback interface that is cut, drops requests, loses replies
// after the server has committed, and shows an older or newer app, as a test asks.
import { type IncomingMessage, type ServerResponse, createServer, request as ask } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** Answers a request in the server's place; `undefined` lets it pass. */
export type Stand = (method: string, path: string, headers: IncomingMessage["headers"], body: Buffer) => Promise<{ status: number; body: string } | undefined>;

export interface Way {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** No network: every connection is torn. */
  cut: boolean;
  /** Every n-th request to the API is dropped before it reaches the server; 0 none. */
  dropEvery: number;
  /** So many replies of the API are lost after the server has answered. */
  loseReplies: number;
  /** Puts another version in the place of the app's. */
  version: string | undefined;
  /** Requests to the API that were seen, dropped and lost ones included. */
  seen: number;
  /** Bytes of bodies sent to the tablet, as they travelled, by path; API left out. */
  sent: Map<string, number>;
  close: () => Promise<void>;
}

export async function openWay(server: string, stand?: Stand): Promise<Way> {
  const to = new URL(server);
  const way: Way = { url: "", cut: false, dropEvery: 0, loseReplies: 0, version: undefined, seen: 0, sent: new Map(), close: async () => {} };

  const handle = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const path = incoming.url ?? "/";
    const api = path.startsWith("/api/");
    if (api) way.seen += 1;
    if (way.cut || (api && way.dropEvery > 0 && way.seen % way.dropEvery === 0)) {
      incoming.socket.destroy();
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const renamed = way.version !== undefined && (path === "/thuc-dia/" || path === "/thuc-dia/sw.js");
    if (renamed) {
      // What is to be changed must come, and come plain.
      delete incoming.headers["accept-encoding"];
      delete incoming.headers["if-none-match"];
    }
    const stood = await stand?.(incoming.method ?? "GET", path, incoming.headers, body);
    const back = stood ?? (await pass(to, incoming, body));
    if (api && way.loseReplies > 0) {
      way.loseReplies -= 1;
      incoming.socket.destroy();
      return;
    }
    let bytes: Buffer | string = back.body;
    const headers: Record<string, string | string[] | undefined> = { ..."headers" in back ? back.headers : { "content-type": "application/json" } };
    if (way.version !== undefined && renamed) {
      // The name of the version is all that tells two builds apart here.
      const text = bytes.toString();
      const own = /(?:VERSION = |name="version" content=)"([0-9a-f]+)"/.exec(text)?.[1] ?? "none";
      bytes = text.replaceAll(own, way.version);
      delete headers["etag"];
    }
    delete headers["content-length"];
    delete headers["transfer-encoding"];
    if (!api) way.sent.set(path, (way.sent.get(path) ?? 0) + bytes.length);
    answer.writeHead(back.status, headers).end(bytes);
  };

  const proxy = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => incoming.socket.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  way.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  way.close = async () => {
    proxy.closeAllConnections();
    proxy.close();
    await once(proxy, "close");
  };
  return way;
}

interface Passed {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

function pass(to: URL, incoming: IncomingMessage, body: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const onward = ask(
      { host: to.hostname, port: to.port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (reply) => {
        const parts: Buffer[] = [];
        reply.on("data", (part: Buffer) => parts.push(part));
        reply.on("end", () => resolve({ status: reply.statusCode ?? 502, headers: reply.headers, body: Buffer.concat(parts) }));
        reply.on("error", reject);
      },
    );
    onward.on("error", reject);
    onward.end(body);
  });
}
