import { coded } from "../code.ts";
import { EIGHT, FOUR, GROUP, type Hif4Code } from "./shape.ts";

export const hif4 = coded<Hif4Code>({
  plan(args, { rows, cols }) {
    const each = (n: number) => Math.ceil(cols / n) / cols;
    const at = rows * cols;
    return {
      params: { by: args.word("by") === "bf16" ? "bf16" : "exact" },
      bits: [
        { what: "elements (S1P2)", bitsPerWeight: 4 },
        { what: "scales of 64 (E6M2)", bitsPerWeight: 8 * each(GROUP) },
        { what: "exponents of 8 (1 bit)", bitsPerWeight: each(EIGHT) },
        { what: "exponents of 4 (1 bit)", bitsPerWeight: each(FOUR) },
      ],
      operations: 40 * at,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
