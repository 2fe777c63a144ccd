import { formatEntry } from "../../kernels/formats/registry.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { hex, sha256 } from "../bytes/sha256.ts";

/** Most bytes of a module: they are kept, and compiled for each matrix. */
export const MOST_MODULE_BYTES = 2 ** 24;

/** What names a module in recipes. */
export const digestOf = (bytes: Uint8Array): string => `sha256_${hex(sha256(bytes))}`;

/** A name for a definition, from that of a file: `My quantizer (2).wasm` gives `my_quantizer_2`. */
export function nameFrom(file: string, isTaken: (name: string) => boolean): string {
  const words = file
    .replace(/^.*[/\\]/, "")
    .replace(/\.wasm$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 32);
  const stem = /^[a-z]/.test(words) ? words : `own_${words}`.replace(/_$/, "");
  if (!isTaken(stem)) return stem;
  for (let i = 2; ; i++) if (!isTaken(`${stem}_${i}`)) return `${stem}_${i}`;
}

/** A name from that of a file that means nothing yet, beside these definitions. */
export const freeName = (file: string, definitions: readonly string[]): string =>
  nameFrom(file, (name) => isTaken(name, definitions));

function isTaken(name: string, definitions: readonly string[]): boolean {
  if (formatEntry(name)) return true;
  try {
    parseDefinition(`${name}:=f32`, { definitions: definitions.map((text) => parseDefinition(text)) });
    return false;
  } catch {
    return true;
  }
}
