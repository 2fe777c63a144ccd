/**
 * Figures of a model recipe, made of what its windows gave: the page adds up parts as they come, the command line all of them.
 */
import type { NoiseFloor, WindowResult, WindowSide } from "../request.ts";
import { type ByWindow, type Estimate, meanOf, noEstimate, quantilesOf, through } from "./estimate.ts";

export type { Estimate } from "./estimate.ts";

/** Places of the change of the right token's probability that llama-perplexity prints. */
export const CHANGE_PLACES: readonly number[] = [1, 0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 0];

export interface BaseFigures {
  /** Nats a prediction. */
  nll: Estimate;
  /** exp(nll) */
  perplexity: Estimate;
  /** Predictions whose logits are not finite: where there are some, there are no means and no percentiles. */
  broken: number;
}

export interface SideFigures extends BaseFigures {
  /** nll less that of the model as it is, paired by window: the logarithm of the ratio of perplexities. */
  nllChange: Estimate;
  /** KL(as it is || recipe), nats a prediction. */
  kl: Estimate;
  klMedian: Estimate;
  klP99: Estimate;
  klMax: Estimate;
  /** Share of predictions whose first choice is that of the model as it is. */
  topOne: Estimate;
  /** p(recipe) - p(as it is) of the right token. */
  change: { mean: Estimate; rms: Estimate; places: { p: number; value: Estimate }[] };
  /** Whether the mean KL is below what another order of sums gives: then it is none. Null where that was not measured. */
  none: boolean | null;
}

/** A less B, paired by window; nulls where one of them has no figure. */
export interface Differences {
  nll: Estimate;
  kl: Estimate;
  topOne: Estimate;
}

export interface LmFigures {
  windows: number;
  predictions: number;
  base: BaseFigures;
  a: SideFigures | null;
  b: SideFigures | null;
  difference: Differences | null;
}

const brokenIn = (lists: ByWindow): number =>
  lists.reduce((sum, list) => sum + Array.from(list).reduce((count, x) => count + (x - x === 0 ? 0 : 1), 0), 0);

/** Predictions of which a side has no finite figure: of the recipe's own, or of the model that it is compared with. */
export const brokenOf = (side: WindowSide): number => brokenIn([side.kl]);

function lossOf(nll: ByWindow): BaseFigures {
  const broken = brokenIn(nll);
  const mean = broken > 0 ? noEstimate : meanOf(nll);
  return { nll: mean, perplexity: through(mean, Math.exp, Math.exp), broken };
}

const paired = (x: ByWindow, y: ByWindow): Float64Array[] =>
  x.map((list, w) => Float64Array.from(list, (value, i) => value - y[w][i]));

function sideFigures(
  sides: readonly WindowSide[],
  base: ByWindow,
  { seed, noise, resampled }: Required<FiguresOptions>,
): SideFigures {
  const loss = lossOf(sides.map((side) => side.nll));
  const kls = sides.map((side) => side.kl);
  const broken = Math.max(loss.broken, brokenIn(kls));
  if (broken > 0) {
    const places = CHANGE_PLACES.map((p) => ({ p, value: noEstimate }));
    return {
      ...loss,
      ...{ nllChange: noEstimate, kl: noEstimate, klMedian: noEstimate, klP99: noEstimate, klMax: noEstimate },
      ...{ topOne: noEstimate, change: { mean: noEstimate, rms: noEstimate, places }, broken, none: null },
    };
  }
  const draw = resampled ? seed : null;
  const changes = sides.map((side) => side.change);
  const [klMedian, klP99, klMax] = quantilesOf(kls, [0.5, 0.99, 1], draw);
  const square = meanOf(changes.map((list) => list.map((x) => x * x)));
  const values = quantilesOf(changes, CHANGE_PLACES, draw);
  const kl = meanOf(kls);
  return {
    ...loss,
    nllChange: meanOf(
      paired(
        sides.map((side) => side.nll),
        base,
      ),
    ),
    ...{ kl, klMedian, klP99, klMax },
    topOne: meanOf(sides.map((side) => side.same)),
    change: {
      mean: meanOf(changes),
      rms: through(square, Math.sqrt, (x) => (x > 0 ? 0.5 / Math.sqrt(x) : 0)),
      places: CHANGE_PLACES.map((p, i) => ({ p, value: values[i] })),
    },
    broken,
    none: noise === null || kl.value === null ? null : kl.value < noise.kl,
  };
}

export interface FiguresOptions {
  /** Draws what standard errors of percentiles are made of. */
  seed?: number;
  noise?: NoiseFloor | null;
  /** Whether percentiles get a standard error: half a second of work over 64 windows of 512 tokens, where all else takes milliseconds. */
  resampled?: boolean;
}

/** The figures of the windows so far, in any order. */
export function figuresOf(
  windows: readonly WindowResult[],
  { seed = 0, noise = null, resampled = true }: FiguresOptions = {},
): LmFigures {
  // Sums do not depend on the order in which windows came.
  const sorted = windows.toSorted((x, y) => x.index - y.index);
  const base = sorted.map((one) => one.nll);
  const figures = (which: "a" | "b") => {
    const sides = sorted.map((one) => one[which]).filter((side) => side !== null);
    return sides.length > 0 && sides.length === sorted.length
      ? { sides, of: sideFigures(sides, base, { seed, noise, resampled }) }
      : null;
  };
  const [a, b] = [figures("a"), figures("b")];
  return {
    windows: sorted.length,
    predictions: base.reduce((sum, list) => sum + list.length, 0),
    base: lossOf(base),
    a: a?.of ?? null,
    b: b?.of ?? null,
    difference: a && b ? differences(a.sides, b.sides, a.of.broken + b.of.broken > 0) : null,
  };
}

function differences(a: readonly WindowSide[], b: readonly WindowSide[], broken: boolean): Differences {
  const of = (key: "nll" | "kl" | "same"): Estimate =>
    broken
      ? noEstimate
      : meanOf(
          paired(
            a.map((side) => side[key]),
            b.map((side) => side[key]),
          ),
        );
  return { nll: of("nll"), kl: of("kl"), topOne: of("same") };
}
