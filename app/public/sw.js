// Keeps the field teams' app on the device. The server writes VERSION and FILES above these lines, so that every new
// app is a new worker.
//
// HTML, script, WASM and style of one version are one cache. A newer version is fetched beside the one in use and waits:
// the page says "empty" when nothing is in its outbox, and only then is the pointer moved. So a tablet that is away
// for weeks wakes up with the app that it went with, even after its browser was started anew.
const POINTERS = "thuc-dia";
const SCOPE = "/thuc-dia/";
const box = (version) => `thuc-dia ${version}`;

async function pointer(name) {
  const found = await (await caches.open(POINTERS)).match(SCOPE + name);
  return found && found.text();
}

async function point(name, version) {
  await (await caches.open(POINTERS)).put(SCOPE + name, new Response(version));
}

async function install() {
  const cache = await caches.open(box(VERSION));
  await Promise.all(
    FILES.map(async (file) => {
      // What carries its hash in its name came with the page a moment ago and is not fetched twice.
      const hashed = file.startsWith("/pkg/");
      const answer = await fetch(file, { cache: hashed ? "default" : "no-cache", credentials: hashed ? "same-origin" : "omit" });
      if (!answer.ok || answer.redirected) throw new Error(`${file}: ${answer.status}`);
      await cache.put(file, answer);
    }),
  );
  await point("next", VERSION);
  if (!(await pointer("current"))) await point("current", VERSION);
  await self.skipWaiting();
}

async function renew(page) {
  const [current, next] = await Promise.all([pointer("current"), pointer("next")]);
  if (!next || next === current || !(await caches.has(box(next)))) return;
  await point("current", next);
  for (const name of await caches.keys()) {
    if (name.startsWith("thuc-dia ") && name !== box(next)) await caches.delete(name);
  }
  page.postMessage("renewed");
}

async function answer(request, path) {
  const current = await pointer("current");
  const cache = current && (await caches.has(box(current))) ? await caches.open(box(current)) : undefined;
  const page = request.mode === "navigate" ? SCOPE : path;
  return (cache && (await cache.match(page))) || fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data === "empty") event.waitUntil(renew(event.source));
});
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const ours = pathname.startsWith(SCOPE) || pathname.startsWith("/pkg/");
  if (method !== "GET" || origin !== self.location.origin || !ours) return;
  event.respondWith(answer(event.request, pathname));
});
