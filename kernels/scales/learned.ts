/**
 * Scales learned by gradient descent, block by block, in float64: the same on every machine, and no chance in it. What is made small is
 * L, the sum of squared errors; rounding passes gradients straight through (LSQ, arXiv 1902.08153): a value's result changes with the step s
 * by level - x/s inside the range, and by the level at the end outside. A step of the descent is in proportion to the scale and to
 * d log L, so that it does for any number of bits.
 */
import type { Clip, Finding, Plan } from "../plan/plan.ts";

type Learned = Extract<Finding, { kind: "learned" }>;

/** What a descent gives: the clip, and whether it ran away from what it had. */
export interface Descent {
  clip: Clip;
  diverged: boolean;
}

/** L and its derivatives at a scale (and for affine formats the lower end). */
interface Slope {
  loss: number;
  /** By the step, or by the upper end of the range. */
  up: number;
  /** By the lower end of the range. */
  down: number;
}

/** A descent ran away whose loss is larger than that of zeros. */
const lossOfZeros = (values: Float32Array, weights: Float32Array | null): number =>
  values.reduce((sum, x, i) => sum + (weights ? weights[i] : 1) * x * x, 0);

/** Share of the range that learned clips begin with: sigmoid(4), as FlatQuant has it. */
const BEGIN = 0.982013790037908;

/** The descent of a plan's rule, over the finite values of a block. */
export function learnedClip(
  plan: Plan,
  rule: Learned,
): (values: Float32Array, amax: number, min: number, max: number, weights: Float32Array | null) => Descent {
  const { divisor } = plan.levels[0];
  if (plan.element.affine) {
    return (values, _, min, max, weights) => affineDescent(plan, rule, values, min, max, weights);
  }
  const slope = symmetricSlope(plan);
  const widest = rule.what === "clip" ? 1 : Infinity;
  return (values, amax, _min, _max, weights) => {
    const plain = amax / divisor;
    let share = rule.what === "clip" ? BEGIN : 1;
    const begin = slope(values, plain, weights);
    const most = lossOfZeros(values, weights);
    let [best, least] = [1, begin.loss];
    let diverged = false;
    for (let i = 0; i < rule.steps && least > 0; i++) {
      const { loss, up } = slope(values, share * plain, weights);
      if (!(loss <= most)) {
        diverged = true;
        break;
      }
      if (loss < least) [best, least] = [share, loss];
      if (loss === 0) break;
      const next = share * (1 - (rule.rate * share * plain * up) / loss);
      if (!(next > 0) || next === Infinity) {
        diverged = true;
        break;
      }
      share = Math.min(widest, next);
    }
    return { clip: [0, best * amax], diverged };
  };
}

function symmetricSlope(plan: Plan) {
  const ladder = plan.element.ladder!;
  const { levels, middles } = ladder;
  const [low, high] = [levels[0], levels[levels.length - 1]];
  return (values: Float32Array, s: number, weights: Float32Array | null): Slope => {
    let [loss, up] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const v = x / s;
      let level: number;
      let change: number;
      if (v >= high || v <= low) {
        level = v >= high ? high : low;
        change = level;
      } else {
        const rank = ladder.floor(v);
        level = rank >= 0 && v <= middles[rank] ? levels[rank] : levels[rank + 1];
        change = level - v;
      }
      const e = x - s * level;
      const w = weights ? weights[i] : 1;
      loss += w * e * e;
      up -= 2 * w * e * change;
    }
    return { loss, up, down: 0 };
  };
}

/** Ends of the range, each a share of the block's own; the zero point moves with the lower one. */
function affineDescent(
  plan: Plan,
  rule: Learned,
  values: Float32Array,
  min: number,
  max: number,
  weights: Float32Array | null,
): Descent {
  const codes = plan.element.integer!.max;
  const slope = (low: number, high: number): Slope => {
    const s = (high - low) / codes;
    const z = Math.round(-low / s);
    let [loss, up, down] = [0, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const v = x / s;
      const k = Math.min(codes, Math.max(0, Math.round(v) + z));
      const e = x - s * (k - z);
      const w = weights ? weights[i] : 1;
      loss += w * e * e;
      // Beyond an end the result is that end.
      if (v + z > codes) up -= 2 * w * e;
      else if (v + z < 0) down -= 2 * w * e;
      else {
        const change = (-2 * w * e * (k - z - v)) / codes;
        up += change;
        down -= change;
      }
    }
    return { loss, up, down };
  };
  let best: Clip = [min, max];
  if (max === min) return { clip: best, diverged: false };
  const begin = slope(min, max);
  let least = begin.loss;
  const most = lossOfZeros(values, weights);
  let [low, high] = [min * BEGIN, max * BEGIN];
  const range = max - min;
  for (let i = 0; i < rule.steps && least > 0; i++) {
    const { loss, up, down } = slope(low, high);
    if (!(loss <= most)) return { clip: best, diverged: true };
    if (loss < least) [best, least] = [[low, high], loss];
    if (loss === 0) break;
    const by = (rule.rate * range * range) / loss;
    const [nextLow, nextHigh] = [low - by * down, high - by * up];
    if (!(nextHigh > nextLow)) return { clip: best, diverged: true };
    [low, high] = [Math.min(0, Math.max(min, nextLow)), Math.max(0, Math.min(max, nextHigh))];
    if (high === low) return { clip: best, diverged: true };
  }
  return { clip: best, diverged: false };
}
