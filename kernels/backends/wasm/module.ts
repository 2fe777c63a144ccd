/** The kernels' compiled module: made once, shared with other workers by postMessage. */

/** Bytes that were deflated and written in base64. */
async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const text = atob(base64);
  const deflated = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  // A failure is met by who reads.
  writer.write(deflated).catch(() => {});
  writer.close().catch(() => {});
  const pieces: Uint8Array[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
  }
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

let compiled: Promise<WebAssembly.Module> | null = null;

async function compile(): Promise<WebAssembly.Module> {
  const bytes = await inflate((await import("./generated/bytes.ts")).deflated);
  // The module is full of SIMD: an engine without it finds it invalid.
  if (!WebAssembly.validate(bytes)) throw new Error("WebAssembly has no SIMD here");
  return WebAssembly.compile(bytes);
}

/** Compiles the kernels, once. Fails where WebAssembly or its SIMD is missing. */
export function loadWasm(): Promise<WebAssembly.Module> {
  if (compiled) return compiled;
  const made =
    typeof WebAssembly === "undefined" ? Promise.reject(new Error("there is no WebAssembly here")) : compile();
  compiled = made;
  // What could not be fetched may come the next time.
  made.catch(() => {
    if (compiled === made) compiled = null;
  });
  return made;
}

/** Lets `loadWasm` take what another thread compiled; where that is `null`, the kernels are compiled here after all. */
export function expectWasm(module: Promise<WebAssembly.Module | null>): void {
  const given = module.then((found) => found ?? compile());
  compiled = given;
  given.catch(() => {
    if (compiled === given) compiled = null;
  });
}
