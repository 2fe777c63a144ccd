/** TypeScript's data as Python's literals. */
import type { Ladder } from "../formats/ladder.ts";
import type { Format } from "../formats/types.ts";
import type { BlockShape } from "../grammar/ast.ts";
import { isRandom } from "../rounding/modes/index.ts";
import type { Rounding } from "../rounding/rounding.ts";

/** A double as Python reads it back to the bit. */
export const number = (x: number): string => (Object.is(x, -0) ? "-0.0" : String(x));

export const bool = (b: boolean): string => (b ? "True" : "False");

export const list = (values: Iterable<number>): string => [...values].map(number).join(", ");

/** Lines of a long list, so that a program stays readable. */
export function wrapped(values: readonly number[], width = 110): string {
  const lines: string[] = [""];
  for (const text of values.map((v, i) => `${number(v)}${i + 1 < values.length ? ", " : ""}`)) {
    if (lines[lines.length - 1].length + text.length > width) lines.push("");
    lines[lines.length - 1] += text;
  }
  return lines.map((line) => line.trimEnd()).join("\n    ");
}

/** The call that makes a format's ladder; `null` for float32 itself. */
export function ladder(format: Format): string {
  switch (format.kind) {
    case "identity":
      return "None";
    case "float": {
      const { exponentBits, mantissaBits, bias, top, signed, subnormals } = format;
      const ends = `${bias}, "${top}", ${bool(signed)}${subnormals ? "" : ", False"}`;
      return `floats(${exponentBits}, ${mantissaBits}, ${ends})`;
    }
    case "integer":
      return `integers(${format.bits}, ${format.min}, ${format.max}${format.frac ? `, ${format.frac}` : ""})`;
    case "codebook":
      return `codebook(\n    ${wrapped([...format.values])}\n)`;
  }
}

/** A rounding by its name; with the seed and the bits of its draws where chance decides. */
export function mode({ mode: name, seed, bits }: Rounding): string {
  return isRandom(name) ? `("${name}", ${seed}, ${bits})` : `("${name}",)`;
}

export function block(shape: BlockShape): string {
  switch (shape.kind) {
    case "run":
    case "flat":
      return `("${shape.kind}", ${shape.n})`;
    case "tile":
      return `("tile", ${shape.rows}, ${shape.cols})`;
    default:
      return `("${shape.kind}",)`;
  }
}

/** The least positive level, for zero=min. */
export const leastPositive = (ladder: Ladder | null): number => ladder?.levels.find((v) => v > 0) ?? 2 ** -149;
