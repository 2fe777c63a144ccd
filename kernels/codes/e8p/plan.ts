import { checkVectors, coded } from "../code.ts";

export interface E8pCode {
  bits: 2 | 3 | 4;
  /** What values are scaled to: their root mean square. */
  scale: number;
}

/** Scales that QuIP# takes (`opt_scale` of its codebooks). */
const SCALES = { 2: 1.03, 3: 0.98, 4: 1.03 };

export const e8p = coded<E8pCode>({
  plan(args, { rows, cols }) {
    const bits = (args.number("bits") ?? 2) as E8pCode["bits"];
    checkVectors(8, cols);
    return {
      params: { bits, scale: args.number("scale") ?? SCALES[bits] },
      bits: [
        { what: "codes of 8 values (E8P)", bitsPerWeight: 2 },
        ...(bits === 2 ? [] : [{ what: "codes of what they leave", bitsPerWeight: bits - 2 }]),
        { what: "scale (f32)", bitsPerWeight: 32 / (rows * cols) },
      ],
      operations: (rows * cols * 64 * (bits === 4 ? 2 : 1) * 16) / 4,
      columns: 8,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
