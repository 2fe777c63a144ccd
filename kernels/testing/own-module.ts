/** Modules of AssemblyScript for tests, compiled from their text. */
import asc from "assemblyscript/asc";

/** The bytes of a module without imports, of this text. Throws where it does not compile. */
export async function compiledModule(source: string, ...options: string[]): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    ["module.ts", "--outFile", "module.wasm", "--runtime", "stub", "--optimize", "--use", "abort=", ...options],
    {
      readFile: (name) => (name === "module.ts" ? source : null),
      writeFile: (name, content) => {
        if (name === "module.wasm") bytes = content as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !bytes) throw new Error(`the module does not compile: ${stderr.toString()}`);
  return new Uint8Array(bytes as Uint8Array);
}

/** A module whose `quantize` has this body. */
export const moduleOf = (body: string, ...options: string[]): Promise<Uint8Array<ArrayBuffer>> =>
  compiledModule(
    `export function alloc(bytes: i32): usize { return heap.alloc(bytes); }
export function quantize(values: usize, rows: i32, cols: i32, result: usize, codes: usize): f64 {
${body}
}`,
    ...options,
  );
