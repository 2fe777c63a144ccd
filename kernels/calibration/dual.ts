import { RecipeError } from "../grammar/errors.ts";
import { type Dense, dense, denseRows, mirrorUpper, transposed } from "../linalg/dense.ts";
import { multiply } from "../linalg/product.ts";
import { noPace, type Run } from "../linalg/run.ts";
import { holds } from "./needs.ts";
import { shiftedBy } from "./shift.ts";
import { addChannels, channelsOf, columnQuantiles, QUANTILES, startChannels } from "./statistics.ts";
import type { Calibration, CalibrationNeed } from "./types.ts";

/**
 * What becomes of the inputs where the weight is transformed: W -> W T goes with X -> X T^-T, so that X W^T stays what it is. Every
 * form works on rows of inputs; the Gram matrix goes through it on both sides.
 */
export type Dual =
  /**
   * Moves and scales channels, x'[c] = factor[c] (x[from[c]] - shift[c]); `null` leaves places or values as they are, and without a shift
   * there is none. Mixes none. What a shift takes from the outputs, W shift, is a bias of theirs.
   */
  | { kind: "channels"; from: Uint32Array | null; factor: Float64Array | null; shift?: Float64Array }
  /**
   * In place on `count` float64 values from `at`, whole blocks that begin at column `col` of their row. `undo` takes whole rows back, where
   * the transpose does not: a map that is not orthogonal.
   */
  | {
      kind: "rows";
      apply(values: Float64Array, at: number, count: number, col: number): void;
      undo?(values: Float64Array, at: number, count: number): void;
    }
  /** x' = x matrix. */
  | { kind: "dense"; matrix: Dense };

/**
 * The calibration as the weight meets it behind a transform, as far as `need` asks. Channel means follow; behind a transform that mixes
 * channels, mean squares are the Gram matrix's, and mean magnitudes, ends and quantiles are those of the rows kept. Throws RecipeError
 * where channels are mixed of which nothing but statistics is known; `who` stands in it for the transform.
 */
export async function throughDual(
  calibration: Calibration,
  dual: Dual,
  need: CalibrationNeed,
  who: string,
  run: Run = {},
): Promise<Calibration> {
  if (need === "none") return calibration;
  if (dual.kind === "channels") return throughChannels(calibration, dual, need);
  if (!calibration.gram && !calibration.rows) {
    throw new RecipeError(
      `${who} mixes channels, and ${calibration.source.name} knows them one by one: what it tells does not hold behind ${who}`,
    );
  }
  const { cols } = calibration;
  const gram =
    (holds(need, "gram") || !calibration.rows) && calibration.gram
      ? await bothSides(calibration.gram, dual, run)
      : null;
  if (gram) mirrorUpper(gram);
  const rows = calibration.rows && (await throughRows(denseRows(calibration.rows, cols), dual, run));
  const kept = rows && Float32Array.from(rows.values);
  const mean = calibration.mean && (await throughRows(dense(1, cols, calibration.mean.slice()), dual, run)).values;
  return {
    ...calibration,
    ...{ ...statisticsOf(kept, cols), ...(mean && { mean }) },
    ...(gram && { meanSquare: diagonal(gram).map((s) => s / (calibration.tokens ?? 1)) }),
    ...{ gram, rows: kept },
    cross: holds(need, "cross") && calibration.cross ? await bothSides(calibration.cross, dual, run) : null,
  };
}

const diagonal = ({ rows, cols, values }: Dense): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => values[i * cols + i]);

/** Channel statistics of the rows kept: all there is of them behind a transform that mixes. */
function statisticsOf(rows: Float32Array | null, cols: number) {
  const sums = startChannels(cols);
  if (rows) addChannels(rows, sums);
  return { ...channelsOf(sums), quantiles: rows && columnQuantiles(rows, cols, QUANTILES) };
}

type Mixing = Exclude<Dual, { kind: "channels" }>;

async function throughRows(matrix: Dense, dual: Mixing, run: Run): Promise<Dense> {
  if (dual.kind === "dense") return multiply(matrix, dual.matrix, {}, run);
  const { rows, cols } = matrix;
  const values = matrix.values.slice();
  const { pace = noPace } = run;
  for (let r = 0; r < rows; r++) {
    if (r % 64 === 0) await pace(r, rows);
    dual.apply(values, r * cols, cols, 0);
  }
  return dense(rows, cols, values);
}

/** Mean squares of experts, experts x cols, where channels are moved and scaled. */
const ofExperts = (
  values: Float64Array,
  cols: number,
  at: (c: number) => number,
  by: (c: number) => number,
): Float64Array => values.map((_, i) => values[i - (i % cols) + at(i % cols)] * by(i % cols) ** 2);

/** Rows of inputs on their way through a dual. */
export async function inputsThrough(rows: Dense, dual: Dual, run: Run): Promise<Dense> {
  if (dual.kind !== "channels") return throughRows(rows, dual, run);
  const { from, factor, shift } = dual;
  const { cols, values } = rows;
  const out = dense(rows.rows, cols);
  for (let at = 0; at < values.length; at += cols) {
    for (let c = 0; c < cols; c++) {
      const source = from ? from[c] : c;
      out.values[at + c] = (values[at + source] - (shift ? shift[c] : 0)) * (factor ? factor[c] : 1);
    }
  }
  return out;
}

/** M^T A M, where rows go through the dual as x M: over the rows of A, then over those of its transpose. */
async function bothSides(matrix: Dense, dual: Mixing, run: Run): Promise<Dense> {
  const right = transposed(await throughRows(matrix, dual, run));
  return transposed(await throughRows(right, dual, run));
}

/** Channels that are moved and scaled: everything follows exactly. */
function throughChannels(
  calibration: Calibration,
  { from, factor, shift }: Extract<Dual, { kind: "channels" }>,
  need: CalibrationNeed,
): Calibration {
  if (shift)
    return throughChannels(shiftedBy(calibration, shift, from, need), { kind: "channels", from, factor }, need);
  const { cols } = calibration;
  const at = (c: number) => (from ? from[c] : c);
  const by = (c: number) => (factor ? factor[c] : 1);
  const each = (values: Float64Array | null, scale: (factor: number) => number) =>
    values?.map((_, c) => values[at(c)] * scale(by(c))) ?? null;
  const { min, max, quantiles, rows } = calibration;
  /** A negative factor turns least and largest around. */
  const ends = (own: Float64Array | null, other: Float64Array | null) =>
    own && other && own.map((_, c) => (by(c) < 0 ? other : own)[at(c)] * by(c));
  const moved = rows && Float32Array.from(rows, (_, i) => rows[i - (i % cols) + at(i % cols)] * by(i % cols));
  const both = (matrix: Dense | null) =>
    matrix &&
    dense(
      cols,
      cols,
      matrix.values.map((_, i) => {
        const [r, c] = [Math.floor(i / cols), i % cols];
        return matrix.values[at(r) * cols + at(c)] * (by(r) * by(c));
      }),
    );
  const { experts } = calibration;
  return {
    ...calibration,
    ...(experts && { experts: { ...experts, meanSquare: ofExperts(experts.meanSquare, cols, at, by) } }),
    mean: each(calibration.mean, (f) => f),
    meanAbs: each(calibration.meanAbs, Math.abs),
    meanSquare: each(calibration.meanSquare, (f) => f * f),
    min: ends(min, max),
    max: ends(max, min),
    quantiles:
      moved && quantiles
        ? columnQuantiles(
            moved,
            cols,
            quantiles.map(({ p }) => p),
          )
        : null,
    rows: moved,
    gram: holds(need, "gram") ? both(calibration.gram) : null,
    cross: holds(need, "cross") ? both(calibration.cross) : null,
  };
}
