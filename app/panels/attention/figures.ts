/** The figures of attention under A and B, by name, over all heads and by head. */
import type { AttentionFigures } from "../../../kernels/attention/index.ts";
import type { AttentionReport } from "../../../workers/attention/attention.ts";
import type { TableData } from "../../charts/DataTable.tsx";
import type { Pair } from "../../charts/types.ts";
import type { AttentionOptions } from "./options.ts";

export const FIGURES: readonly { key: keyof AttentionFigures; name: string; words: string }[] = [
  { key: "outputNmse", name: "output error", words: "error of the outputs over their power, after softmax" },
  { key: "cosine", name: "cosine", words: "between outputs with and without recipes" },
  { key: "relativeL1", name: "relative L1", words: "sum of magnitudes of errors over that of outputs" },
  { key: "rmse", name: "RMSE", words: "root of the mean squared error of an output" },
  { key: "logitNmse", name: "logit error", words: "over their power, less what shifts all of a query alike" },
  { key: "probabilityKl", name: "KL, nats", words: "of a query's probabilities, as they are from quantized; mean" },
  { key: "entropy", name: "entropy before", words: "of a query's probabilities in nats, mean" },
  { key: "entropyAfter", name: "entropy after", words: "of a query's probabilities in nats under recipes, mean" },
  { key: "broken", name: "broken outputs", words: "not finite though they were: in no other figure" },
];

/** What is drawn by head, and what stands for it without recipes. */
export const DRAWN: Record<
  AttentionOptions["figure"],
  { label: string; key: keyof AttentionFigures; before: keyof AttentionFigures | null }
> = {
  output: { label: "output error", key: "outputNmse", before: null },
  kl: { label: "KL, nats", key: "probabilityKl", before: null },
  entropy: { label: "entropy, nats", key: "entropyAfter", before: "entropy" },
};

/** A table holds numbers; an infinite KL, where a key lost all its weight, is a word. */
const cell = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Number.isFinite(value) ? value : "infinite";

/** Heads whose drawn figure is infinite, in words; null where there are none. They are in the table and not in the chart. */
export function infiniteHeads({ a, b }: Pair<AttentionReport>, figure: AttentionOptions["figure"]): string | null {
  const { key, label } = DRAWN[figure];
  const lost = [["A", a] as const, ["B", b] as const].flatMap(([side, report]) => {
    const count = report?.byHead.filter((one) => one[key] !== null && !Number.isFinite(one[key])).length ?? 0;
    return count > 0 ? [`${count} of ${report!.byHead.length} heads of ${side}`] : [];
  });
  if (lost.length === 0) return null;
  const why = figure === "kl" ? ": a key lost all its weight there" : "";
  return `${label} is infinite in ${lost.join(" and ")}${why}. They are not drawn.`;
}

/** A line for all heads, then one for each. */
export function tableOf({ a, b }: Pair<AttentionReport>): TableData {
  const sides = [["A", a] as const, ["B", b] as const].filter(([, report]) => report !== null);
  const heads = (a ?? b)?.byHead.length ?? 0;
  const line = (name: string | number, of: (report: AttentionReport) => AttentionFigures) => [
    name,
    ...FIGURES.flatMap(({ key }) => sides.map(([, report]) => cell(of(report!)[key]))),
  ];
  return {
    caption: "Attention under A and B, by head",
    columns: ["head", ...FIGURES.flatMap(({ name }) => sides.map(([side]) => `${name} of ${side}`))],
    rows: [
      line("all", (report) => report.figures),
      ...Array.from({ length: heads }, (_, head) => line(head, (report) => report.byHead[head])),
    ],
  };
}
