/**
 * Keeps the page, so that it opens without a network, under whatever path it is served. The build puts the list of its
 * files in front of this script (see plugin.ts). It never takes the page's place by itself: a new version waits until the
 * person says so. Requests to other servers pass through untouched, and only those that read.
 */
interface Kept {
  /** Names this build. */
  version: string;
  /** Paths below the page's folder; `index.html` among them. */
  files: string[];
  /** Names the samples of this build; they outlive versions that do not change them. */
  samplesVersion: string;
  /** Files that are large, and kept only when the page asks for it. */
  samples: string[];
  /** Files of samples that are kept when they are first read. */
  whenOpened: string[];
}

declare const KEPT: Kept;

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = "quantscope-";
const filesCache = `${PREFIX}files-${KEPT.version}`;
const samplesCache = `${PREFIX}samples-${KEPT.samplesVersion}`;
const files = new Set(KEPT.files);
const samples = new Set(KEPT.samples);
const whenOpened = new Set(KEPT.whenOpened);
const folder = new URL(worker.registration.scope);

worker.addEventListener("install", (event) => event.waitUntil(keepFiles()));
worker.addEventListener("activate", (event) => event.waitUntil(forgetOld()));
worker.addEventListener("message", (event) => {
  if (event.data === "take over") void worker.skipWaiting();
  if (event.data === "keep samples") event.waitUntil(keepSamples());
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== folder.origin) {
    if (!mayLeave(request, url)) event.respondWith(Response.error());
    return;
  }
  if (request.method !== "GET" || !url.pathname.startsWith(folder.pathname)) return;
  const path = decodeURIComponent(url.pathname.slice(folder.pathname.length)) || "index.html";
  if (files.has(path)) event.respondWith(answer(path, request));
  else if (samples.has(path) || whenOpened.has(path)) event.respondWith(answerSample(path, request));
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(filesCache);
  // Names with a hash never change their content; the others are asked for anew.
  const requests = KEPT.files.map(
    (path) => new Request(addressOf(path), { cache: path.startsWith("assets/") ? "default" : "reload" }),
  );
  await cache.addAll(requests);
}

async function forgetOld(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== filesCache && name !== samplesCache);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keepSamples(): Promise<void> {
  const cache = await caches.open(samplesCache);
  for (const path of KEPT.samples) {
    if (!(await cache.match(addressOf(path)))) await cache.add(addressOf(path));
  }
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(filesCache);
  return (await cache.match(addressOf(path))) ?? fetch(request);
}

const keeping = new Map<string, Promise<void>>();

/** Fetches a file once, however many parts of it are asked for at a time. Where that fails, the server is asked for the parts. */
async function keptWhole(cache: Cache, path: string): Promise<void> {
  const address = addressOf(path);
  if (await cache.match(address)) return;
  const adding = keeping.get(path) ?? cache.add(address).catch(() => {});
  keeping.set(path, adding);
  await adding;
  keeping.delete(path);
}

/** A sample is read by range: a part of what is kept, or of what the server has. */
async function answerSample(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(samplesCache);
  if (whenOpened.has(path)) await keptWhole(cache, path);
  const whole = await cache.match(addressOf(path));
  if (!whole) return fetch(request);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("Range") ?? "");
  if (!range) return whole;
  const blob = await whole.blob();
  const [begin, last] = [Number(range[1]), Math.min(Number(range[2]), blob.size - 1)];
  return new Response(blob.slice(begin, last + 1), {
    status: 206,
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Range": `bytes ${begin}-${last}/${blob.size}`,
    },
  });
}

/** To other servers go requests that read, over connections that nobody else can read, and to this machine. */
function mayLeave({ method }: Request, { protocol, hostname }: URL): boolean {
  const reads = method === "GET" || method === "HEAD" || method === "OPTIONS";
  const safe = protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
  return reads && safe;
}

function addressOf(path: string): string {
  return new URL(path === "index.html" ? "./" : path, folder).href;
}
