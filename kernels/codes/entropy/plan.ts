import { coded } from "../code.ts";

export interface EcsqCode {
  /** Bits of entropy a value. */
  rate: number;
}

export interface WatersicCode extends EcsqCode {
  damp: number;
}

export const ecsq = coded<EcsqCode>({
  plan: (args, { rows, cols }) => ({
    params: { rate: args.number("rate") ?? 2 },
    bits: [{ what: "unit of the levels (f32)", bitsPerWeight: 32 / (rows * cols) }],
    operations: rows * cols * 200,
  }),
  work: async () => (await import("./ecsq.ts")).work,
});

export const watersic = coded<WatersicCode>({
  plan: (args, { rows, cols }) => ({
    params: { rate: args.number("rate") ?? 2, damp: args.number("damp") ?? 0.001 },
    bits: [{ what: "units of columns (f32)", bitsPerWeight: 32 / rows }],
    uses: "gram",
    operations: 2 * rows * cols ** 2 + (2 / 3) * cols ** 3,
  }),
  work: async () => (await import("./watersic.ts")).work,
});
