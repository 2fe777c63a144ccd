import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import { type MatrixSweep, referenceSweep, type SweepMetrics, sweepMatrix } from "./index.ts";

/** Part of the sum of their terms' magnitudes by which sums may differ. */
const TOLERANCE = 1e-6;

/** The first difference of a backend's sweep from the reference's, for the recipes it does not decline, in a sentence, or null. */
export async function sweepDifference(
  backend: MatrixSweep,
  source: MatrixSource,
  plans: readonly Plan[],
  phases = 0,
): Promise<string | null> {
  const pace = async () => {};
  const taken: Plan[] = [];
  for (const plan of plans) if ((await backend.declines(source, plan, pace)) === null) taken.push(plan);
  if (taken.length === 0) return `${source.name}: the backend ${await backend.declines(source, plans[0], pace)}`;
  const got = await sweepMatrix(source, taken, { backend, pace, phases });
  const expected = await sweepMatrix(source, taken, { backend: referenceSweep, pace, phases });
  for (const [i, plan] of taken.entries()) {
    const where = `${plan.text} on ${source.rows}x${source.cols}`;
    const difference =
      differentMetrics(expected[i].metrics, got[i].metrics) ??
      differentPhase(expected[i].phase?.mean ?? null, got[i].phase?.mean ?? null);
    if (difference) return `${where}: ${difference}`;
  }
  return null;
}

function differentMetrics(want: SweepMetrics, have: SweepMetrics): string | null {
  for (const name of ["saturated", "flushed", "dead", "nonFinite", "broken", "bitsPerWeight"] as const) {
    if (have[name] !== want[name]) return `${name} is ${have[name]} instead of ${want[name]}`;
  }
  for (const name of ["mse", "nmse", "maxAbs", "meanAbs"] as const) {
    if (!near(have[name], want[name], Math.abs(want[name] ?? 0)))
      return `${name} is ${have[name]} instead of ${want[name]}`;
  }
  // Quotients of a sum by that of the values' squares; results may be far smaller, where they saturate.
  if (!near(have.bias, want.bias, 1)) return `bias is ${have.bias} instead of ${want.bias}`;
  const lengths = (want.cosine ?? 1) / (1 - (want.bias ?? 0));
  if (near(have.cosine, want.cosine, Math.max(1, Math.abs(lengths)))) return null;
  return `cosine is ${have.cosine} instead of ${want.cosine}`;
}

const differentPhase = (want: number | null, have: number | null): string | null =>
  near(have, want, Math.abs(want ?? 0)) ? null : `the mean of the phases is ${have} instead of ${want}`;

function near(a: number | null, b: number | null, scale: number): boolean {
  if (a === null || b === null) return a === b;
  return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * scale;
}
