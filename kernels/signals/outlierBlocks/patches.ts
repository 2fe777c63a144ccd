/**
 * Patches of an activation map and their widths (arXiv 2401.13714). A patch that holds an outlier stays in 8 bits; the others get the
 * width whose entropy and cost score best. Quantile, score and the order in which maps are lowered are of this program: the paper's
 * words leave them open.
 */
import { normalQuantile } from "../../exact/elementary.ts";
import { binnedEntropy, endsOf } from "../valueEntropy/work.ts";

/** Share of a Gaussian that is no outlier. */
export const PHI = 0.96;
export const WIDTHS = [2, 4, 8] as const;
export type Width = (typeof WIDTHS)[number];

/** A map, row-major; a patch is `size` x `size` of it, smaller at the right and lower ends. */
export interface ValueMap {
  values: Float32Array;
  rows: number;
  cols: number;
}

/** Mean and standard deviation of finite values; null where there is none. */
export function fitGaussian(values: Float32Array): { mean: number; deviation: number } | null {
  let [sum, count] = [0, 0];
  for (const x of values) {
    if (x - x !== 0) continue;
    sum += x;
    count++;
  }
  if (count === 0) return null;
  const mean = sum / count;
  let square = 0;
  for (const x of values) if (x - x === 0) square += (x - mean) ** 2;
  return { mean, deviation: Math.sqrt(square / count) };
}

/**
 * By patch, row-major: 1 where it holds a value further from the mean than a share `phi` of the Gaussian that was fitted to all of the
 * map. Where `each` is "patch", phi is the share of Gaussian patches without such a value, and the bound lies further out.
 */
export function outlierPatches(
  { values, rows, cols }: ValueMap,
  size: number,
  { phi = PHI, each = "value" }: { phi?: number; each?: "value" | "patch" } = {},
): Uint8Array {
  const wide = Math.ceil(cols / size);
  const out = new Uint8Array(Math.ceil(rows / size) * wide);
  const fit = fitGaussian(values);
  if (fit === null || !(fit.deviation > 0)) return out;
  const share = each === "value" ? phi : phi ** (1 / (Math.min(size, rows) * Math.min(size, cols)));
  const bound = fit.deviation * normalQuantile((1 + share) / 2);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      // What is not finite is beyond every bound, too.
      if (Math.abs(values[i] - fit.mean) <= bound) continue;
      out[Math.floor(r / size) * wide + Math.floor(c / size)] = 1;
    }
  }
  return out;
}

/** Values of the patches that have a mark, or have none. */
export function valuesOf(
  { values, rows, cols }: ValueMap,
  size: number,
  marks: Uint8Array,
  marked: boolean,
): Float32Array {
  const wide = Math.ceil(cols / size);
  const out: number[] = [];
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      if ((marks[Math.floor(r / size) * wide + Math.floor(c / size)] === 1) === marked) out.push(values[i]);
    }
  }
  return Float32Array.from(out);
}

/** Entropy of values in b bits, evenly from the least to the largest: at the most b. */
export const entropyAt = (values: Float32Array, bits: number): number => {
  const ends = endsOf(values);
  return ends === null ? 0 : binnedEntropy(values, ends, 2 ** bits);
};

export interface MapPlan {
  /** Share of values in patches with outliers, which stay in 8 bits. */
  outliers: number;
  /** Of the others, by width: entropy, and lambda times the share of entropy that is lost plus 1 - lambda times the bits over 8. */
  entropy: Record<Width, number>;
  score: Record<Width, number>;
  /** What was chosen. */
  width: Width;
  /** Bits of the map, and bit operations over those in 8 bits throughout (weights stay as they are). */
  bits: number;
  operations: number;
}

export interface PatchPlan {
  maps: MapPlan[];
  /** Largest memory: a map and the one after it, in bits. */
  memory: number;
  fits: boolean;
  /** Bit operations of all maps in 8 bits over those of the plan. */
  saved: number;
}

/** Bits of a map and of the one after it, which lie in memory together. */
const pairOf = (maps: readonly { bits: number }[], i: number) => (maps[i]?.bits ?? 0) + (maps[i + 1]?.bits ?? 0);

const memoryOf = (maps: readonly { bits: number }[]): number =>
  maps.reduce((most, _, i) => Math.max(most, pairOf(maps, i)), 0);

/**
 * Widths of a chain of maps. All begin in 8 bits; in order, each gets the width that scores least, until a map and the one after it fit
 * into `memory` bits; where all have theirs and it does not fit, maps that are in a pair that does not are lowered in order, a width at a time. `operations` are the
 * multiplications that each map takes part in.
 */
export function planPatches(
  maps: readonly (ValueMap & { operations: number })[],
  size: number,
  { lambda, memory, phi = PHI }: { lambda: number; memory: number; phi?: number },
): PatchPlan {
  const plans = maps.map((map): MapPlan => {
    const marks = outlierPatches(map, size, { phi });
    const rest = valuesOf(map, size, marks, false);
    const entropy = Object.fromEntries(WIDTHS.map((b) => [b, entropyAt(rest, b)])) as Record<Width, number>;
    const lost = (b: Width) => (entropy[8] > 0 ? 1 - entropy[b] / entropy[8] : 0);
    const score = Object.fromEntries(WIDTHS.map((b) => [b, lambda * lost(b) + (1 - lambda) * (b / 8)]));
    const outliers = map.values.length === 0 ? 0 : 1 - rest.length / map.values.length;
    return { outliers, entropy, score: score as Record<Width, number>, ...costs(map, outliers, 8) };
  });
  const lower = (i: number, width: Width) => {
    plans[i] = { ...plans[i], ...costs(maps[i], plans[i].outliers, width) };
  };
  const fits = () => memoryOf(plans) <= memory;
  for (let i = 0; i < plans.length && !fits(); i++) {
    const { score } = plans[i];
    lower(
      i,
      WIDTHS.reduce((best, b) => (score[b] < score[best] ? b : best)),
    );
  }
  const crowded = (i: number) => plans[i].width > 2 && Math.max(pairOf(plans, i - 1), pairOf(plans, i)) > memory;
  for (let i = 0; plans.some((_, at) => crowded(at)); i = (i + 1) % plans.length) {
    if (crowded(i)) lower(i, plans[i].width === 8 ? 4 : 2);
  }
  const all = maps.reduce((sum, { operations }) => sum + operations, 0);
  const left = plans.reduce((sum, plan, i) => sum + plan.operations * maps[i].operations, 0);
  return { maps: plans, memory: memoryOf(plans), fits: fits(), saved: left > 0 ? all / left : 1 };
}

function costs({ values }: ValueMap, outliers: number, width: Width): Pick<MapPlan, "width" | "bits" | "operations"> {
  const mean = 8 * outliers + width * (1 - outliers);
  return { width, bits: mean * values.length, operations: mean / 8 };
}
