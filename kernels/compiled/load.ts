/** Modules that `compile.ts` made, on their way into an engine. */

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

/** Compiles a module from its deflated bytes in base64. Fails where WebAssembly or its SIMD is missing. */
export async function compileDeflated(deflated: string): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined") throw new Error("there is no WebAssembly here");
  const bytes = await inflate(deflated);
  // The modules are full of SIMD: an engine without it finds them invalid.
  if (!WebAssembly.validate(bytes)) throw new Error("WebAssembly has no SIMD here");
  return WebAssembly.compile(bytes);
}

/** Compiles what `bytes` gives, once, for whoever asks. Rejects where that cannot be had, or WebAssembly or its SIMD is missing. */
export function compiledOnce(bytes: () => Promise<{ deflated: string }>): () => Promise<WebAssembly.Module> {
  let compiled: Promise<WebAssembly.Module> | null = null;
  return () => {
    if (compiled) return compiled;
    const made = bytes().then(({ deflated }) => compileDeflated(deflated));
    compiled = made;
    // What could not be fetched may come the next time.
    made.catch(() => {
      if (compiled === made) compiled = null;
    });
    return made;
  };
}
