/** Numbers and strings as pickles write them. */
import { MAX_PICKLE_INTEGER } from "../limits.ts";
import { PickleMistake } from "./values.ts";

/** Little-endian two's complement of any length; a number where it is exact as one. Throws PickleMistake. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > MAX_PICKLE_INTEGER)
    throw new PickleMistake(`an integer takes ${bytes.length} bytes; the limit is ${MAX_PICKLE_INTEGER}`);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]);
  return shortened(BigInt.asIntN(8 * bytes.length, value));
}

/** A decimal integer. Throws PickleMistake. */
export function parseInteger(digits: string): number | bigint {
  // Three digits take more than a byte, so no integer within the limit is longer.
  if (digits.length > 3 * MAX_PICKLE_INTEGER || !/^\s*[+-]?\d+\s*$/.test(digits))
    throw new PickleMistake(`${JSON.stringify(digits.slice(0, 60))} is no integer`);
  return shortened(BigInt(digits.trim().replace(/^\+/, "")));
}

function shortened(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"', "0": "\0" };

/** A string in quotes as Python 2's `repr` wrote it. Throws PickleMistake. */
export function unquote(literal: string): string {
  const quote = literal[0];
  if (literal.length < 2 || (quote !== "'" && quote !== '"') || !literal.endsWith(quote))
    throw new PickleMistake("a string is not in quotes");
  return literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([nrt0\\'"]))/g, (_, hex: string | undefined, plain: string) =>
      hex === undefined ? ESCAPES[plain] : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** Python's raw-unicode-escape, in which protocol 0 writes text. */
export function rawUnicode(line: string): string {
  return line.replace(
    /\\u([0-9a-fA-F]{4})|\\U(0010[0-9a-fA-F]{4}|000[0-9a-fA-F]{5})/g,
    (_, short?: string, long?: string) => String.fromCodePoint(Number.parseInt(short ?? long!, 16)),
  );
}
