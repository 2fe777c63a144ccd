import { decode } from "./codes.ts";
import { buildFormat } from "./registry.ts";

const made = new Map<string, Float32Array>();

/**
 * The value of each of the 2^bits codes of a format of the notation, such as `e2m1` or `int4`, as float32: for whoever reads
 * many codes. Made once; leave it as it is.
 */
export function codeTable(name: string): Float32Array {
  const known = made.get(name);
  if (known) return known;
  const format = buildFormat({ name, args: [] });
  if (format.kind === "identity") throw new Error(`${name} has no codes`);
  const table = Float32Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
  made.set(name, table);
  return table;
}
