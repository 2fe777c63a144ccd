/** The kernels' compiled module: made once, shared with other workers by postMessage. */

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

let compiled: Promise<WebAssembly.Module> | null = null;

async function compile(): Promise<WebAssembly.Module> {
  const { base64 } = await import("./generated/bytes.ts");
  const bytes = bytesOf(base64);
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
