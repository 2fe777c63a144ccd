/** A against B in a sentence on weight error, and one on output error where inputs are known. They say no more than the figures do. */
import { isBroken, isExact as isExactly, shownOf } from "../../../kernels/measure/metrics/reading.ts";
import { sqnrDb } from "../../../kernels/measure/metrics/sqnrDb/index.ts";
import type { Metrics, Report } from "../../../kernels/measure/report.ts";
import type { SeedSpread } from "./seededRecipes.ts";

/** The metric that is spoken of: SQNR, which is NMSE in decibels, over the weights' own values. */
const METRIC = `weight error (${sqnrDb.label})`;

/** Decibels that are worth a word: below half of the last digit shown they read as nothing. */
const LEAST_DB = 0.005;
const LEAST_BITS = 0.0005;

type Compared = Pick<Report, "recipe" | "backend"> & {
  metrics: Pick<Metrics, "mse" | "sqnrDb" | "bitsPerWeight" | "broken" | "outputNmse">;
};

const minus = (text: string): string => text.replace("-", "−");
const decibels = (db: number): string => minus(db.toFixed(2));

/** The bits of the one that is spoken of, beside the other's. */
function bitsClause(own: number, other: number): string {
  const more = own - other;
  if (!Number.isFinite(more)) return "with bits that cannot be compared";
  if (Math.abs(more) < LEAST_BITS) return "at the same bits";
  const size = Math.abs(more);
  return `and takes ${size < 0.01 ? size.toFixed(3) : size.toFixed(2)} bits ${more > 0 ? "more" : "less"}`;
}

/** Bits alone, where there is no better one in error. */
function bitsSentence(a: number, b: number): string {
  const more = a - b;
  if (!Number.isFinite(more)) return "their bits cannot be compared";
  if (Math.abs(more) < LEAST_BITS) return "both take the same bits";
  return `${more > 0 ? "B" : "A"} takes ${Math.abs(more) < 0.01 ? Math.abs(more).toFixed(3) : Math.abs(more).toFixed(2)} bits less`;
}

const isExact = ({ metrics }: Compared): boolean => isExactly(sqnrDb, shownOf(sqnrDb, metrics));

function brokenSentence(a: Compared, b: Compared): string {
  const counts = [a, b].map(({ metrics }) => metrics.broken);
  const written = counts.map((n) => n.toLocaleString("en"));
  const results = (n: number) => (n === 1 ? "broken result" : "broken results");
  const alone = counts[0] > 0 ? 0 : 1;
  const those =
    counts[0] > 0 && counts[1] > 0
      ? `A has ${written[0]} and B ${written[1]} broken results`
      : `${"AB"[alone]} has ${written[alone]} ${results(counts[alone])}`;
  return `No verdict: ${those} (NaN or Inf where values are finite), which the other figures leave out.`;
}

/** How the seeds came out, as far as they matter. */
function seedsClause({ seeds, a, b, sampled }: SeedSpread): string {
  const side = (name: string, one: SeedSpread["a"]) =>
    one ? [`${name} ${decibels(one.mean)} ± ${one.spread.toFixed(2)} dB`] : [];
  return `${[...side("A", a), ...side("B", b)].join(", ")} over ${seeds} seeds${sampled ? ", tried on a sample" : ""}`;
}

/**
 * The same on output error, where the inputs are known: what a solver gives up in weight error it wins there, so that neither figure may
 * stand alone. Empty where there is no such figure.
 */
function outputSentence(a: Compared, b: Compared): string {
  const [ofA, ofB] = [a.metrics.outputNmse ?? null, b.metrics.outputNmse ?? null];
  if (ofA === null || ofB === null) return "";
  if (ofA === ofB) return " On output error they are equal.";
  if (ofA === 0 || ofB === 0) return ` On output error, ${ofA === 0 ? "A" : "B"} is exact.`;
  const by = 10 * Math.log10(ofB / ofA);
  if (!Number.isFinite(by)) return "";
  if (Math.abs(by) < LEAST_DB) return " On output error they are equal to 0.01 dB.";
  return ` On output error, ${by > 0 ? "A" : "B"} is ${decibels(Math.abs(by))} dB better.`;
}

/**
 * What can be said of A against B, on weight error and, where the inputs are known, on output error. Arguments as of `weightVerdict`.
 */
export function verdictOf(a: Compared | null, b: Compared | null, spread: SeedSpread | null = null): string {
  const first = weightVerdict(a, b, spread);
  const comparable = a && b && !isBroken(a.metrics) && !isBroken(b.metrics) && a.recipe !== b.recipe;
  return comparable ? first + outputSentence(a, b) : first;
}

/**
 * What can be said of A against B. Both are of one tensor, and up to date. `spread` is what other seeds gave, where a recipe
 * draws random numbers and they have been tried: a difference of less than two of its standard deviations is none.
 */
function weightVerdict(a: Compared | null, b: Compared | null, spread: SeedSpread | null): string {
  if (!a || !b) return a || b ? `Only ${a ? "A" : "B"} has a result: there is nothing to compare it with.` : "";
  if (isBroken(a.metrics) || isBroken(b.metrics)) return brokenSentence(a, b);
  if (a.recipe === b.recipe) {
    const other = a.backend === b.backend ? "" : `, computed by ${a.backend} and ${b.backend}`;
    return `A and B are the same recipe${other}.`;
  }
  const [bitsA, bitsB] = [a.metrics.bitsPerWeight, b.metrics.bitsPerWeight];
  const [exactA, exactB] = [isExact(a), isExact(b)];
  if (exactA && exactB) return `Both are exact; ${bitsSentence(bitsA, bitsB)}.`;
  if (exactA || exactB) {
    const [name, own, other] = exactA ? ["A", bitsA, bitsB] : ["B", bitsB, bitsA];
    return `On ${METRIC}, ${name} is exact ${bitsClause(own, other)}.`;
  }
  const [dbA, dbB] = [a.metrics.sqnrDb, b.metrics.sqnrDb];
  if (dbA === null || dbB === null || !Number.isFinite(dbA) || !Number.isFinite(dbB)) {
    const lacking = [dbA, dbB].map((db) => db === null || !Number.isFinite(db));
    const who = lacking[0] && lacking[1] ? "A and B have" : `${lacking[0] ? "A" : "B"} has`;
    return `On ${METRIC} there is no verdict: ${who} no such figure here.`;
  }
  // On a sample the seeds tell how far draws lie apart, and the whole what the difference is.
  const by = spread && !spread.sampled ? spread.difference.mean : dbA - dbB;
  const within = spread !== null && Math.abs(by) < 2 * spread.difference.spread;
  const seeds = spread ? ` (${seedsClause(spread)})` : "";
  if (within) {
    return `On ${METRIC} there is no difference beyond that of the seeds${seeds}; ${bitsSentence(bitsA, bitsB)}.`;
  }
  if (Math.abs(by) < LEAST_DB)
    return `On ${METRIC}, A and B are equal to 0.01 dB${seeds}; ${bitsSentence(bitsA, bitsB)}.`;
  const [name, own, other] = by > 0 ? ["A", bitsA, bitsB] : ["B", bitsB, bitsA];
  return `On ${METRIC}, ${name} is ${decibels(Math.abs(by))} dB better ${bitsClause(own, other)}${seeds}.`;
}
