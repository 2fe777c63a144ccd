import { codeCount } from "../formats/codes.ts";
import { blockCount } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { LOG_KEYS, VALUE_BINS } from "../report/bins.ts";
import type { CoarseMap, Profile } from "../report/report.ts";
import { addSums, makeSums, type Sums } from "./sums.ts";

/** Profiles longer than this are binned: entry i then stands for `step` indices, a power of two of them. */
const MAX_PROFILE = 2 ** 16;
const MAX_MAP = 256;
/** Formats with more codes get no code histogram. */
const MAX_CODES = 2 ** 19;

/** Everything a report adds up. */
export interface Accumulator extends Sums {
  /** Values lie in (-2^valueExponent, 2^valueExponent). */
  valueExponent: number;
  values: Uint32Array;
  errorZeros: number;
  errorKeys: Uint32Array;
  codes: Uint32Array | null;
  rows: Profile;
  cols: Profile;
  blocks: Profile;
  map: CoarseMap;
}

function makeProfile(indices: number): Profile {
  let step = 1;
  while (step * MAX_PROFILE < indices) step *= 2;
  const n = Math.ceil(indices / step);
  return { step, error: new Float64Array(n), signal: new Float64Array(n), maxAbs: new Float32Array(n) };
}

function addProfile(from: Pick<Profile, "error" | "signal">, into: Pick<Profile, "error" | "signal">): void {
  for (const sums of ["error", "signal"] as const) {
    for (let i = 0; i < from[sums].length; i++) into[sums][i] += from[sums][i];
  }
}

function addCounts(from: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < from.length; i++) into[i] += from[i];
}

/** Adds all of an accumulator to another one for the same plan and values of the same range. */
export function addAccumulator(from: Accumulator, into: Accumulator): void {
  addSums(from, into);
  into.errorZeros += from.errorZeros;
  addCounts(from.values, into.values);
  addCounts(from.errorKeys, into.errorKeys);
  if (from.codes && into.codes) addCounts(from.codes, into.codes);
  for (const along of ["rows", "cols", "blocks"] as const) {
    addProfile(from[along], into[along]);
    from[along].maxAbs.forEach((v, i) => {
      if (v > into[along].maxAbs[i]) into[along].maxAbs[i] = v;
    });
  }
  addProfile(from.map, into.map);
}

export function makeAccumulator(plan: Plan, valueExponent: number): Accumulator {
  const { format } = plan.element;
  const counted = format.kind !== "identity" && codeCount(format) <= MAX_CODES;
  const [cellRows, cellCols] = [Math.ceil(plan.rows / MAX_MAP), Math.ceil(plan.cols / MAX_MAP)];
  const [mapRows, mapCols] = [Math.ceil(plan.rows / cellRows), Math.ceil(plan.cols / cellCols)];
  return {
    ...makeSums(),
    valueExponent,
    values: new Uint32Array(VALUE_BINS),
    errorZeros: 0,
    errorKeys: new Uint32Array(LOG_KEYS),
    codes: counted ? new Uint32Array(codeCount(format)) : null,
    rows: makeProfile(plan.rows),
    cols: makeProfile(plan.cols),
    blocks: makeProfile(plan.grid.kind === "none" ? 1 : blockCount(plan.grid)),
    map: {
      rows: mapRows,
      cols: mapCols,
      cellRows,
      cellCols,
      error: new Float64Array(mapRows * mapCols),
      signal: new Float64Array(mapRows * mapCols),
    },
  };
}
