import { stablePow } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { codeColumns } from "../solving/columns.ts";
import type { Solver, ZeroPoints } from "../step.ts";
import type { HqqParams } from "./index.ts";

/** Values that go through a round between two looks at whoever may cancel: some 25 ms where powers are taken. */
const PACED = 2 ** 18;

/**
 * HQQ (Badri and Shaji): with the scale as it is, zero points follow from W - W_r split into what is rounded and a sparse rest, which is
 * what the shrinkage of the p-norm leaves. Every zero point is taken as it is stored before its error is looked at; a block ends at the
 * first round that does not lessen its mean error and keeps the best. (The published code looks at the mean error of the whole tensor,
 * and keeps the last.)
 */
export const work: Solver<HqqParams> = {
  kind: "solver",
  async solve(params, { operand, quantizer }, job) {
    const { zeros } = quantizer;
    if (!zeros)
      throw new RecipeError(
        "hqq moves zero points, and only affine integers have those: write asym, as in int4(asym)/64",
      );
    const most = 2 * zeros.blocks;
    let moved = 0;
    // The largest block says how many there are between two looks; each may take all of its rounds.
    const paced = Math.max(
      1,
      Math.floor(PACED / params.iters / Math.max(1, (operand.rows * operand.cols) / zeros.blocks)),
    );
    for (let block = 0; block < zeros.blocks; block++) {
      const pace = () => job.checkpoint(block, most, "blocks");
      if (block % paced === 0) await pace();
      const before = zeros.zero(block);
      const zero = await bestZero(zeros, block, params, pace);
      zeros.set(block, zero);
      if (zero !== before) moved++;
    }
    const half = {
      checkpoint: (done: number, all: number) => job.checkpoint((1 + done / all) * zeros.blocks, most, "blocks"),
    };
    const { codes, quantized } = await codeColumns(operand, quantizer, half);
    const integer = Number.isInteger(zeros.stored(0.5));
    const where = integer ? ": they are stored as integers, and zp=f16 would let them lie between" : "";
    const notes = [`hqq moved the zero points of ${moved} of ${zeros.blocks} blocks${where}`];
    return { codes, quantized, bits: [], notes, loss: null };
  },
};

/** The zero point of a block with the least mean error that the rounds come upon. */
async function bestZero(
  zeros: ZeroPoints,
  block: number,
  { p, beta, kappa, iters }: HqqParams,
  pace: () => Promise<void>,
): Promise<number> {
  const x = zeros.values(block);
  const scale = zeros.scale(block);
  let best = zeros.zero(block);
  if (x.length === 0 || !(scale > 0) || !Number.isFinite(scale)) return best;
  let least = Number.POSITIVE_INFINITY;
  let zero = best;
  for (let k = 0, weight = beta; k < iters; k++, weight *= kappa) {
    const sums = { error: 0, zeros: 0 };
    for (let from = 0; from < x.length; from += PACED) {
      if (from > 0) await pace();
      round(x.subarray(from, from + PACED), scale, zero, zeros.max, p, weight, sums);
    }
    const { error } = sums;
    if (!(error < least)) break;
    [least, best] = [error, zero];
    zero = zeros.stored(sums.zeros / x.length);
  }
  return best;
}

const TO_INTEGER = 1.5 * 2 ** 52;

/** One round: adds |x - x_r| under a zero point, and the zero points that the rest leads to, over values. */
function round(
  x: Float32Array,
  scale: number,
  zero: number,
  max: number,
  p: number,
  beta: number,
  sums: { error: number; zeros: number },
): void {
  const whole = Math.floor(zero);
  const fraction = zero - whole;
  // Errors up to here are shrunk to nothing: |e|^(2 - p) is 1 / beta there.
  const nothing = stablePow(1 / beta, 1 / (2 - p)) * (1 - 2 ** -40);
  let { error, zeros } = sums;
  for (let i = 0; i < x.length; i++) {
    const q = x[i] / scale;
    const code = Math.min(max, Math.max(0, q + fraction + TO_INTEGER - TO_INTEGER + whole));
    const e = x[i] - (code - zero) * scale;
    const size = Math.abs(e);
    error += size;
    const rest = size <= nothing ? 0 : Math.max(0, size - stablePow(size, p) / size / beta);
    zeros += code - (x[i] - (e < 0 ? -rest : rest)) / scale;
  }
  Object.assign(sums, { error, zeros });
}
