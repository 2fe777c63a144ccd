/** What FLIQS' claims need: 16 layers of several kinds of values under integers and floats of 4 to 8 bits, at a cost in bit operations. */
import { normalDraw } from "../../random/normal.ts";
import { reportOf, studentValues } from "../../testing/claims.ts";
import { normalValues } from "../../testing/matrix.ts";
import { frontier } from "../frontier.ts";
import { fliqs } from "../solvers/fliqs.ts";
import { solve } from "../solvers/index.ts";
import { within } from "../types.ts";
import { free, still, tableOf } from "./tables.ts";

const FORMATS: readonly (readonly [recipe: string, bits: number])[] = [
  ...[4, 5, 6, 7, 8].map((bits) => [`int${bits}/row`, bits] as const),
  ...(["e2m1", "e2m2", "e2m3", "e3m2", "e3m3", "e3m4", "e4m3"] as const).map(
    (name) => [`${name}/row`, 1 + Number(name[1]) + Number(name[3])] as const,
  ),
];
const [LAYERS, COLS, ACTIVATION_BITS] = [16, 128, 8];
/** Of the way from the cheapest allocation to the dearest. */
const SHARE = 0.4;

async function search() {
  const rows = [];
  for (let layer = 0; layer < LAYERS; layer++) {
    const outputs = 16 * (1 + (layer % 4));
    const n = outputs * COLS;
    const values = layer % 3 === 0 ? studentValues(n, 4, 100 + layer) : normalValues(n, 100 + layer);
    // What its outputs weigh at the end.
    const weight = Math.exp(normalDraw(3, 0, layer)) * values.reduce((sum, x) => sum + x * x, 0);
    const loss = [];
    for (const [recipe] of FORMATS) loss.push((await reportOf(recipe, values, COLS)).metrics.nmse! * weight);
    rows.push({ loss, bits: FORMATS.map(([, bits]) => n * bits * ACTIVATION_BITS) });
  }
  const exact = await frontier(
    tableOf(
      rows,
      FORMATS.map(([recipe]) => recipe),
    ),
    free,
    still,
  );
  const [least, most] = [exact.bits[0], exact.bits[exact.bits.length - 1]];
  const target = Math.round(least + SHARE * (most - least));
  const found = (await solve(fliqs, exact, target, still, { seed: 1 }))!;
  const { entropy, bits } = found.trace!.columns;
  return {
    gap: exact.gap === 0 ? found.gap / exact.loss[within(exact, target)] : Number.NaN,
    entropy: entropy[entropy.length - 1],
    cost: bits[bits.length - 1] / target,
  };
}

let searched: ReturnType<typeof search> | null = null;
const once = () => {
  searched ??= search();
  return searched;
};

/** Loss above that of dynamic programming, as a share. */
export const lossAbove = async (): Promise<number> => (await once()).gap;
/** Entropy of the policy at the end, nats a layer. */
export const lastEntropy = async (): Promise<number> => (await once()).entropy;
/** Bit operations that are drawn at the end, over the target. */
export const lastCost = async (): Promise<number> => (await once()).cost;
