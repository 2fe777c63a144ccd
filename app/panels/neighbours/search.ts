/** What of the panel's options can be searched for in a table of so many rows, and what the answer comes to as a table. */
import type { SearchReport } from "../../../workers/embeddings/embeddings.ts";
import type { TableData } from "../../charts/DataTable.tsx";
import type { Pair } from "../../charts/types.ts";
import type { NeighboursOptions } from "./options.ts";

const MOST_NEIGHBOURS = 1000;
const MOST_NUMBERS = 12;

/** Numbers of neighbours as a person writes them, ascending, each once; null where they cannot be read. */
export function neighboursOf(text: string): number[] | null {
  const all = text.split(",").map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
  const right = all.every((k) => Number.isInteger(k) && k >= 1 && k <= MOST_NEIGHBOURS);
  return right && all.length <= MOST_NUMBERS ? [...new Set(all)].sort((a, b) => a - b) : null;
}

/** What is asked of the workers, with what was left out of it; or why nothing can be. */
export type Search =
  | { k: number[]; queries: number; keep: number | null; note: string | null; operations: number; why: null }
  | { why: string };

/** A search over a matrix of that size. */
export function searchFor(options: NeighboursOptions, matrix: { rows: number; cols: number }): Search {
  const { rows, cols } = matrix;
  if (rows < 3) return { why: `${rows === 1 ? "One row has" : `${rows} rows have`} no neighbours to choose among.` };
  const all = neighboursOf(options.k);
  if (!all) {
    return {
      why: `Neighbours are whole numbers from 1 to ${MOST_NEIGHBOURS}, with commas between them, not "${options.k}".`,
    };
  }
  // The nearest of all others are the same ones whatever a recipe does.
  const k = all.filter((one) => one < rows - 1);
  const lost = all.filter((one) => one >= rows - 1);
  if (k.length === 0) return { why: `${rows} rows have fewer neighbours than the ${lost[0]} asked for.` };
  if (options.keep > cols) return { why: `${options.keep} components cannot be kept of ${cols} columns.` };
  const keep = options.keep === 0 ? null : options.keep;
  const queries = Math.min(rows, Math.max(1, options.queries));
  return {
    ...{ k, queries, keep, why: null },
    note: lost.length > 0 ? `${rows} rows have no ${lost.join(" or ")} neighbours to choose.` : null,
    operations:
      2 * queries * rows * (cols + (keep ?? cols)) + (keep === null ? 0 : 2 * rows * cols ** 2 + 10 * cols ** 3),
  };
}

/** Share of k neighbours that a search finds which draws them. */
export const byChance = (k: number, rows: number): number => k / (rows - 1);

/** All figures of A and B. */
export function tableOf({ a, b }: Pair<SearchReport>, rows: number): TableData {
  const ks = (a ?? b)?.recall.map(({ k }) => k) ?? [];
  const at = (of: SearchReport | null, k: number) => of?.recall.find((one) => one.k === k);
  const recall = ks.map((k) => [
    `recall@${k}`,
    ...[a, b].flatMap((of) => [at(of, k)?.mean ?? null, at(of, k)?.standardError ?? null]),
    byChance(k, rows),
  ]);
  const plain = (name: string, of: (report: SearchReport) => number | null) => [
    name,
    ...[a, b].flatMap((report) => [report && of(report), null]),
    null,
  ];
  return {
    caption: "Neighbours found behind A and B",
    columns: ["figure", "A", "standard error of A", "B", "standard error of B", "by chance"],
    rows: [
      ...recall,
      plain("rank correlation", (r) => r.rankCorrelation),
      plain("bits a vector", (r) => r.bitsPerVector),
      plain("times smaller than float32", (r) => r.smaller),
      plain("variance in the components kept", (r) => r.variance),
      plain("queries", (r) => r.queries),
      plain("vectors left out", (r) => r.leftOut),
    ],
  };
}
