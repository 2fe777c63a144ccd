import { baseName, stem } from "../bytes/paths.ts";
import { UserError } from "../errors/user-error.ts";
import type { CheckpointKind } from "./checkpoint.ts";
import { MAX_TEXT, parseNumbers } from "./numbers.ts";

/** Opening brackets, perhaps a call around them, then a number. */
const BEGINNING =
  /^\s*(?:[a-z_][\w.]*\s*\()?[\s[(]*[+-]?(?:nan|inf(?:inity)?|\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?[\s,;\])]/i;

/** A text file of numbers: CSV, TSV, a JSON or Python list. */
export const text: CheckpointKind = {
  kind: "text",
  describe: "text files of numbers (CSV, TSV, JSON or Python lists)",
  match({ head }) {
    const printable = head.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
    return printable && BEGINNING.test(`${decode(head)}\n`);
  },
  async open({ file, signal }) {
    if (file.size > MAX_TEXT) {
      throw new UserError(
        `${file.name}: a text of ${file.size} bytes is too long; the limit is ${MAX_TEXT}. Save it as .npy instead.`,
      );
    }
    const tensor = parseNumbers(decode(await file.slice(0, file.size, signal)), file.name);
    const info = { ...tensor.info, name: stem(baseName(file.name)) };
    return { kind: "text", tensors: [{ ...tensor, info }], files: [file], notes: [], metadata: {} };
  },
};

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
