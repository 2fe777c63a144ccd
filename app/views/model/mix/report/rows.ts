/** Scores and an assignment as the rows of a report, and what neither of them says. */
import { noSum } from "../../../../../workers/scores/table.ts";
import type { ScoredTensor, ScoreFile } from "../../../../../workers/scores/types.ts";
import { formatCount, formatPercent } from "../../../../charts/numbers.ts";
import type { MixReport, ReportRow } from "./data.ts";

export interface AssignedScores {
  scores: ScoreFile;
  signal: string;
  /** By tensor: the place of its recipe in `scores.recipes`; -1 where it is kept as stored. */
  choice: ArrayLike<number>;
  /** By tensor: whether somebody pinned it. */
  pinned(tensor: number): boolean;
}

export function rowsOf({ scores, signal, choice, pinned }: AssignedScores): ReportRow[] {
  const of = Object.hasOwn(scores.signals, signal) ? scores.signals[signal] : null;
  return scores.tensors.map((tensor, t): ReportRow => {
    const { name, layer, role, shape, elements, storedBits } = tensor;
    const at = choice[t];
    const kept = at < 0;
    const weight = of?.weight ? of.weight[t] : 1;
    const value = kept ? 0 : (of?.values[t][at] ?? null);
    const error = kept ? 0 : (of?.error?.[t][at] ?? null);
    // As in the table that is added up: a tensor of zeros loses nothing, and its share of the energy has an error of its own.
    const nothing = weight === 0 && tensor.refused[at] === null;
    const share = of?.weight && tensor.energy ? (tensor.energyError ?? 0) / tensor.energy : 0;
    const times = (x: number | null) =>
      nothing ? 0 : x === null || weight === null || Number.isNaN(x) ? null : x * weight;
    return {
      ...{ tensor: name, layer, role, shape, elements, pinned: pinned(t) },
      recipe: kept ? null : scores.recipes[at],
      bits: kept ? storedBits : (tensor.bits[at] ?? Number.NaN),
      loss: kept ? 0 : times(value),
      stderr: kept ? 0 : times(error === null ? null : Math.hypot(error, (value ?? 0) * share)),
      read: readOf(tensor, kept),
    };
  });
}

const readOf = ({ rows, rowsRead }: ScoredTensor, kept: boolean): number | null =>
  kept || rows === 0 ? null : rowsRead / rows;

const tensorsWords = (n: number): string => `${formatCount(n)} ${n === 1 ? "tensor" : "tensors"}`;

/** What was sampled, is inexact, has no figure, or was not scored: sentences that stand above everything else of a report. */
export function limitsOf({ scores, signal, choice }: AssignedScores, rows: readonly ReportRow[]): string[] {
  const said: string[] = [];
  const { tensors } = scores;
  const sampled = tensors.filter(({ rows: all, rowsRead }) => rowsRead < all);
  if (sampled.length > 0) {
    const [read, all] = [sampled.reduce((n, t) => n + t.rowsRead, 0), sampled.reduce((n, t) => n + t.rows, 0)];
    said.push(
      `Losses of ${tensorsWords(sampled.length)} of ${formatCount(tensors.length)} are estimates: ${formatPercent(read / all)} of their rows were read (seed ${scores.seed}). Their standard errors are about the rows that were not read, and about nothing else.`,
    );
  }
  const inexact = new Map<string, number>();
  tensors.forEach((tensor, t) => {
    const why = choice[t] < 0 ? null : (tensor.inexact?.[choice[t]] ?? null);
    if (why !== null) inexact.set(why, (inexact.get(why) ?? 0) + 1);
  });
  for (const [why, n] of inexact) said.push(`Of ${tensorsWords(n)} ${why}.`);
  const without = rows.filter(({ loss, recipe }) => recipe !== null && loss === null).length;
  if (without > 0)
    said.push(`${tensorsWords(without)} with a recipe have no figure of this signal: the sum is without them.`);
  const unsound = noSum(signal, scores);
  if (unsound !== null) said.push(unsound);
  if (signal !== "kl")
    said.push(
      "The loss that was added up is no KL of the model: what the mix does to what the model says is known only where it was measured.",
    );
  if (scores.calibration === null) said.push("Nothing was known of the inputs that the weights meet.");
  else said.push(`What was known of inputs: ${scores.calibration.kind} ${scores.calibration.name}.`);
  said.push(...scores.notes);
  return [...new Set(said)];
}

/** Each reason once, with how many tensors it met. */
export function refusedOf(scores: ScoreFile): MixReport["refused"] {
  const found = new Map<string, { recipe: string; why: string; tensors: number }>();
  for (const { refused } of scores.tensors)
    refused.forEach((why, r) => {
      if (why === null) return;
      const key = `${r} ${why}`;
      const one = found.get(key) ?? { recipe: scores.recipes[r], why, tensors: 0 };
      one.tensors++;
      found.set(key, one);
    });
  return [...found.values()].sort((x, y) => y.tensors - x.tensors);
}

/**
 * Sum of losses with its standard error, nulls where a tensor has none. `shared`: the estimates stand on one text, and their errors add up
 * (`lossError`); else they are independent.
 */
export function totalOf(rows: readonly ReportRow[], shared = false): { loss: number | null; stderr: number | null } {
  let [loss, error]: [number | null, number | null] = [0, 0];
  for (const row of rows) {
    loss = loss === null || row.loss === null ? null : loss + row.loss;
    error = error === null || row.stderr === null ? null : shared ? error + row.stderr : Math.hypot(error, row.stderr);
  }
  return { loss, stderr: error };
}
