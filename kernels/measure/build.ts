import { decode } from "../formats/codes.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import type { BackendName, CodeHistogram } from "../report/report.ts";
import { NUMBERS_VERSION } from "../report/report.ts";
import type { BlockStatistics } from "../scales/statistics.ts";
import { type ScaleSummary, scaleReports, trimKeys } from "../scales/summary.ts";
import type { Accumulator } from "./accumulator.ts";
import { measuredOf } from "./measured.ts";
import { figuresOf } from "./metrics/index.ts";
import type { Report } from "./report.ts";
import { sumsOf } from "./sums.ts";

/** The most levels a ruler shows. */
const MAX_RULER = 4096;

function codeHistogram(plan: Plan, counts: Uint32Array | null): CodeHistogram | null {
  const { format, affine } = plan.element;
  if (!counts) return null;
  // An affine code has no value of its own (the zero point moves it), nor has a vector's or a given one: it stands for itself.
  const itself = affine || format.kind === "identity";
  const values = Float32Array.from(counts, (_, code) => (itself ? code : decode(format, code)));
  const order = Uint32Array.from(counts.keys()).filter((code) => !Number.isNaN(values[code]));
  order.sort((a, b) => values[a] - values[b]);
  return { counts, values, order };
}

function runNotes(sums: Accumulator, poisoned: number): string[] {
  const notes: string[] = [];
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  if (sums.nonFinite > 0) {
    notes.push(`${count(sums.nonFinite, "value is", "values are")} NaN or Inf and left out of every sum and scale`);
  }
  if (poisoned > 0) notes.push(`${count(poisoned, "block holds", "blocks hold")} NaN or Inf and became NaN`);
  if (sums.brokenResults > 0) {
    const values = sums.brokenResults === 1 ? "its value was" : "their values were";
    notes.push(
      `broken: ${count(sums.brokenResults, "result is", "results are")} not finite where ${values}; the other figures leave them out, so nothing can be compared with them`,
    );
  }
  return notes;
}

/** How many blocks became NaN. */
export const poisonedBlocks = (plan: Plan, { bad }: BlockStatistics): number =>
  plan.element.nonfinite === "poison" ? bad.reduce((n, b) => n + b, 0) : 0;

/** Puts a report together from what the passes added up. */
export function buildReport(
  source: MatrixSource,
  plan: Plan,
  scales: ScaleSummary,
  poisoned: number,
  sums: Accumulator,
  backend: BackendName,
  seconds: number,
): Report {
  const span = 2 ** sums.valueExponent;
  const { ladder } = plan.element;
  const measured = measuredOf(plan, sumsOf(sums), scales.dead, sums.codes);
  return {
    numbers: NUMBERS_VERSION,
    tensor: source.name,
    shape: source.shape,
    matrix: { rows: plan.rows, cols: plan.cols, view: source.view },
    recipe: plan.text,
    backend,
    seconds,
    metrics: { ...figuresOf(measured), bitsBreakdown: plan.bits },
    measured: { ...measured, codes: null },
    notes: [...source.notes, ...plan.notes, ...runNotes(sums, poisoned)],
    values: { lo: -span, hi: span, counts: sums.values, below: 0, above: 0 },
    errors: trimKeys(sums.errorZeros, sums.errorKeys),
    codes: codeHistogram(plan, sums.codes),
    levels: ladder && ladder.levels.length <= MAX_RULER ? Float32Array.from(new Set(ladder.levels)) : null,
    scales: scaleReports(plan, scales),
    grid: plan.grid,
    rowProfile: sums.rows,
    colProfile: sums.cols,
    blockProfile: plan.levels.length > 0 ? sums.blocks : null,
    map: sums.map,
  };
}
