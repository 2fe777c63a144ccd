/** The kernels' compiled module: made once, shared with other workers by postMessage. */
import { compileDeflated } from "../../compiled/load.ts";

let compiled: Promise<WebAssembly.Module> | null = null;

const compile = async () => compileDeflated((await import("./generated/bytes.ts")).deflated);

/** Compiles the kernels, once. Fails where WebAssembly or its SIMD is missing. */
export function loadWasm(): Promise<WebAssembly.Module> {
  if (compiled) return compiled;
  const made = compile();
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
