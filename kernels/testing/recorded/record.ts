/**
 * The outcome of one recipe over one matrix as a line of short hashes, one for each thing that could move: a metric that is added
 * adds a column and leaves the others as they are.
 */
import { createHash } from "node:crypto";
import type { Backend } from "../../backends/backend.ts";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import type { Quantized } from "../../engine/types.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { metricNames } from "../../measure/metrics/index.ts";
import { matrixOf, planOf } from "../matrix.ts";
import { differenceOf, type TestMatrix } from "../runs.ts";

/** What a line holds of the reference, in this order; the backends follow. */
export const COLUMNS = ["codes", "scales", "results", ...metricNames, "histograms", "profiles", "notes"] as const;

const LENGTH = 6;
const hash = (...parts: (ArrayBufferView | string | null)[]) => {
  const sum = createHash("sha256");
  for (const part of parts) {
    if (part === null) sum.update("null");
    else if (typeof part === "string") sum.update(part);
    else sum.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return sum.digest("hex").slice(0, LENGTH);
};

/** Twelve digits: beyond them lies the order of additions, which is nobody's figure. */
const digits = (x: number | null) => (x === null ? "null" : x.toPrecision(12));
const allDigits = (list: ArrayLike<number>) => Array.from(list, digits).join();

async function hashesOf(run: Quantized): Promise<string[]> {
  const { report } = run;
  const { codes, result } = await run.rows(0, run.plan.rows);
  const { rowProfile, colProfile, blockProfile, map } = report;
  const profiles = [rowProfile, colProfile, ...(blockProfile ? [blockProfile] : [])];
  const columns: Record<(typeof COLUMNS)[number], string> = {
    codes: hash(codes),
    scales: hash(...run.scales.flatMap((level) => [level.codes, level.values]), run.zeroPoints),
    results: hash(result),
    histograms: hash(
      report.values.counts,
      String(report.errors.zeros),
      String(report.errors.firstKey),
      report.errors.counts,
      report.codes?.counts ?? null,
    ),
    profiles: hash(
      [...profiles.flatMap((p) => [p.error, p.signal, p.maxAbs]), map.error, map.signal].map(allDigits).join(";"),
    ),
    notes: hash(report.notes.join("\n")),
    ...(Object.fromEntries(
      metricNames.flatMap((name) => {
        const value = report.metrics[name];
        return value === undefined ? [] : [[name, hash(digits(value))]];
      }),
    ) as Record<(typeof metricNames)[number], string>),
  };
  return COLUMNS.map((name) => columns[name] ?? "");
}

const run = (backend: Backend, plan: ReturnType<typeof planOf>, { values, rows, cols }: TestMatrix) =>
  quantizeMatrix(matrixOf(values, rows, cols), plan, { backend, checkpoint: async () => {}, now: () => 0 });

export interface Outcome {
  /** One hash a column; for a recipe that does not fit the matrix, "mistake" and the hash of its message. */
  cells: string[];
  /**
   * What a backend makes of it, held against the reference: "same" (codes, scales, results and counts to the bit, sums to a
   * millionth), "refused", or where the two part.
   */
  on(backend: Backend): Promise<string>;
}

/** Runs a recipe over a matrix on the reference. */
export async function outcomeOf(recipe: string, matrix: TestMatrix): Promise<Outcome> {
  let plan: ReturnType<typeof planOf>;
  let wanted: Quantized;
  try {
    plan = planOf(recipe, matrix.rows, matrix.cols);
    wanted = await run(referenceBackend, plan, matrix);
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    return { cells: ["mistake", hash(error.message)], on: async () => "refused" };
  }
  return {
    cells: await hashesOf(wanted),
    on: async (backend) => {
      if (backend.refuses(plan) !== null) return "refused";
      return (await differenceOf(await run(backend, plan, matrix), wanted)) ?? "same";
    },
  };
}
