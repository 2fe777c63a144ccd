import { describe, expect, it } from "vitest";
import { normalValues, planOf } from "../testing/matrix.ts";
import { BestScales } from "./best.ts";
import { Candidates } from "./candidates.ts";
import { resolveScales } from "./resolve.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";
import { referenceTrials } from "./trials.ts";

const [rows, cols] = [4, 24];

/** Bell-shaped values in blocks of many kinds: outliers, one sign, levels alone, tiny, huge, zeros. */
const values = normalValues(rows * cols, 11).map((v, i) => {
  const kind = Math.floor(i / 8) % 7;
  if (kind === 1) return i % 8 === 2 ? 30 * v : v;
  if (kind === 2) return Math.abs(v) + 0.5;
  if (kind === 3) return Math.round(v * 2);
  if (kind === 4) return v * 1e-30;
  if (kind === 5) return v * 1e30;
  return kind === 6 ? 0 : v;
});

/** The definition: every candidate in its order, each with all its zero points; the first of the cheapest. */
function everyCandidate(recipe: string) {
  const plan = planOf(recipe, rows, cols);
  const stats = makeStatistics(plan);
  addStatistics(plan, values, 0, rows, stats);
  const found = { stored: stats.stored.slice(), zero: stats.zero.slice() };
  const { affine } = plan.element;
  const trials = referenceTrials();
  const { values: room, list } = trials.start(plan, 8, 1);
  const candidates = new Candidates(plan, stats, null);
  for (let b = 0; b < stats.amax.length; b++) {
    candidates.begin(b);
    room.set(values.subarray(8 * b, 8 * b + 8));
    trials.begin(8, stats.amax[b] > 0 ? Math.floor(Math.log2(stats.amax[b])) : 0);
    let least = Infinity;
    found.stored[b] = candidates.stored;
    if (affine) found.zero[b] = candidates.zero();
    const tryOut = (stored: number, scale: number, zero: number) => {
      list.scale[0] = scale;
      list.zero[0] = zero;
      if (trials.run(1, least) < 0) return;
      least = trials.cost;
      found.stored[b] = stored;
      if (affine) found.zero[b] = zero;
    };
    if (stats.amax[b] === 0) continue;
    tryOut(candidates.stored, candidates.scale, affine ? candidates.zero() : 0);
    const all = (stored: number, scale: number) => {
      for (const zero of affine ? candidates.zeros(scale) : [0]) tryOut(stored, scale, zero);
      return true;
    };
    candidates.below(all);
    candidates.above(all);
    candidates.opposite(all);
  }
  return found;
}

function searched(recipe: string) {
  const plan = planOf(recipe, rows, cols);
  const stats = makeStatistics(plan);
  addStatistics(plan, values, 0, rows, stats);
  const best = new BestScales(plan, stats);
  best.resume();
  for (let b = 0; b < stats.amax.length; b++) {
    const row = Math.floor((b * 8) / cols);
    best.search(b, values.subarray(row * cols, (row + 1) * cols), row);
  }
  return { stored: stats.stored, zero: stats.zero };
}

const elements =
  "int4 int4(half) int4(signmax) int3(asym) int4(asym,zp=e4m3) e2m1 nf4 codebook(-1,1) e4m3(sat=nan) e2m1@trunc int3@up bnbfp4".split(
    " ",
  );
const storages = "f32 f16 e8m0 e4m3 e4m3@trunc e4m3@sr(seed=1) uint8 e5m2 e4m3(least=0.015625) int8".split(" ");

describe("what is passed over could not have won", () => {
  it.each(storages)("with scales in %s", (storage) => {
    let compared = 0;
    elements.forEach((element, i) => {
      const [base, rounding] = element.split("@");
      const p = [2, 1, 2.4, 0.5, 7][i % 5];
      const recipe = `${base}${rounding ? `@${rounding}` : ""}/8~mse(p=${p},grid=12,least=0.3,most=1.8):${storage}`;
      try {
        planOf(recipe, rows, cols);
      } catch {
        return;
      }
      expect({ recipe, ...searched(recipe) }).toEqual({ recipe, ...everyCandidate(recipe) });
      compared++;
    });
    expect(compared).toBeGreaterThan(4);
  });
});

it("searches that take turns on the same trials find what each finds alone", () => {
  const trials = referenceTrials();
  const searches = ["int4/8~mse:f16", "e2m1/8~mse(p=1):e4m3"].map((recipe) => {
    const plan = planOf(recipe, rows, cols);
    const stats = makeStatistics(plan);
    addStatistics(plan, values, 0, rows, stats);
    return { recipe, stats, best: new BestScales(plan, stats, trials) };
  });
  for (let b = 0; b < 12; b++) {
    for (const { best } of searches) {
      best.resume();
      best.search(b, values, 0);
    }
  }
  for (const { recipe, stats } of searches) expect(stats.stored).toEqual(searched(recipe).stored);
});

it("a search under scales of scales takes each block's own, and what is added", () => {
  for (const recipe of ["int4/8~mse:uint8/2x1", "int4/8~mse:e4m3/col", "nf4/8~mse:dynamic8(offset=mean)/flat(4)"]) {
    const plan = planOf(recipe, rows, cols);
    const stats = makeStatistics(plan);
    addStatistics(plan, values, 0, rows, stats);
    const plain = resolveScales(planOf(recipe.replace("~mse", ""), rows, cols), stats);
    const best = new BestScales(plan, stats);
    best.resume();
    for (let b = 0; b < stats.amax.length; b++) best.search(b, values, 0);
    const found = resolveScales(plan, stats);
    const cost = (scales: Float32Array, b: number) => {
      const trials = referenceTrials();
      const { values: room, list } = trials.start(plan, 8, 1);
      room.set(values.subarray(8 * b, 8 * b + 8));
      list.scale[0] = scales[b];
      trials.begin(8, 0);
      return trials.run(1, Infinity) < 0 ? Number.NaN : trials.cost;
    };
    let better = 0;
    stats.amax.forEach((amax, b) => {
      if (amax === 0) return;
      const [now, before] = [cost(found.effective, b), cost(plain.effective, b)];
      expect(now, `${recipe}, block ${b}`).toBeLessThanOrEqual(before);
      if (now < before) better++;
    });
    expect(better, recipe).toBeGreaterThan(0);
  }
});
