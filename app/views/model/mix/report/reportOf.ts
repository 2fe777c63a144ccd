/** The report of what is on the screen. */
import { NUMBERS_VERSION } from "../../../../../kernels/report/report.ts";
import { sharesItsSample, signalNamed } from "../../../../../kernels/signals/index.ts";
import { formatBytes } from "../../../../../workers/bytes/format-bytes.ts";
import { formatCount, formatNumber, formatPercent } from "../../../../charts/numbers.ts";
import { writeEstimate, writtenText } from "../../estimates.ts";
import { budgetWords } from "../budget.ts";
import type { MeasuredMixes } from "../measured/useMeasured.ts";
import type { MixInView } from "../panel.ts";
import type { Line, MixReport } from "./data.ts";
import { limitsOf, refusedOf, rowsOf, totalOf } from "./rows.ts";

export interface ReportOf {
  mix: MixInView;
  measured: MeasuredMixes;
  /** What mixes are measured on, in words; null where the model cannot be run here, and then why. */
  ground: { words: string; why: null } | { words: null; why: string };
  /** By tensor: whether somebody pinned it. */
  pinned(tensor: number): boolean;
  link: { href: string; omitted: readonly string[] };
  made: string;
}

/** Null before there is an assignment. */
export function reportOf({ mix, measured, ground, pinned, link, made }: ReportOf): MixReport | null {
  const { scores, table, assigned, rules, state, size, frontier, point } = mix;
  if (!scores || !table || !assigned || rules === null || !size || !frontier || point < 0) return null;
  const { signal } = state;
  // The table's choices are the scores' recipes, and `keep` behind them.
  const choice = assigned.choice.map((c) => (c < scores.recipes.length ? c : -1));
  const of = { scores, signal, choice, pinned };
  const rows = rowsOf(of);
  const named = signalNamed(signal);
  const unit = named?.title ?? signal;
  const { loss, stderr } = totalOf(rows, sharesItsSample(signal));
  const bits = frontier.bits[point];
  const cut = rows.filter(({ recipe }) => recipe !== null).length;
  const asked =
    state.budget === null
      ? "the usual one"
      : state.unit === "gb"
        ? `${state.budget} GB`
        : `${state.budget} bits a weight`;
  const figures: Line[] = [
    ["Budget", asked],
    [
      "Size",
      `${budgetWords(bits, "b", size)} a weight, ${formatBytes(bits / 8)}${size.cacheBits > 0 ? " with the KV cache" : ""}`,
    ],
    ...(size.cacheBits > 0
      ? [["KV cache", `${formatBytes(size.cacheBits / 8)} at ${formatCount(state.context)} tokens`] as const]
      : []),
    ["Kept whatever is chosen", formatBytes(size.fixedBits / 8)],
    [
      "Predicted loss",
      loss === null ? "–" : `${writtenText(writeEstimate({ value: loss, stderr }))} (${unit}, added up)`,
    ],
    ["Tensors", `${formatCount(rows.length)}, ${formatCount(cut)} of them quantized`],
    ["Search", searchWords(frontier)],
    ...limitLines(mix),
  ];
  const own = measured.points.length > 0;
  const about = Object.hasOwn(scores.signals, signal) ? scores.signals[signal].about : "not in the scores";
  const provenance: Line[] = [
    ["Signal", `${unit}: ${about}`],
    ...(named?.paper ? [["Paper", `${named.paper.title} (${named.paper.where})`] as const] : []),
    [
      "Rows",
      scores.share >= 1
        ? "all of each tensor"
        : `${formatPercent(scores.share)} of each large tensor's, seed ${scores.seed}`,
    ],
    ["Recipes scored", scores.recipes.join(", ")],
    ...(scores.definitions.length > 0 ? [["Codebooks", scores.definitions.join("; ")] as const] : []),
    ["Checkpoint", `${scores.fingerprint.name}, ${formatBytes(scores.fingerprint.size)}, ${scores.fingerprint.digest}`],
    ["Inputs", scores.calibration ? `${scores.calibration.kind} ${scores.calibration.name}` : "nothing known"],
    [
      "Numbers",
      `version ${scores.numbers}${scores.numbers === NUMBERS_VERSION ? "" : `; this page computes version ${NUMBERS_VERSION}`}`,
    ],
    ["Measured", own ? `on ${ground.words ?? "texts of other programs"}` : "nothing"],
  ];
  return {
    ...{ source: scores.source, made, link: link.href, omitted: link.omitted, recipe: rules, figures, provenance },
    ...{
      rows,
      roles: mix.tensors?.roles ?? [],
      unit,
      frontier: { bits: perWeight(frontier.bits, size), loss: frontier.loss, chosen: point },
    },
    measured: own
      ? {
          ...{ verdict: measured.verdict.words, worse: measured.verdict.standing === "worse" },
          additivity: measured.words,
          points: measured.points.map(({ label, bits: size, predicted, measured: kl, notes }) => ({
            ...{ label, bits: size, predicted, notes },
            measured: kl ? writtenText(writeEstimate(kl)) : "–",
          })),
        }
      : null,
    limits: [
      ...(ground.why === null ? [] : [ground.why]),
      ...(measured.verdict.standing === "unknown" ? [measured.verdict.words] : []),
      ...(mix.scores === scores && frontier.gap > 0
        ? [
            `The assignment may be up to ${formatNumber(frontier.gaps[point])} above the least loss that its budget allows: the search was not exact.`,
          ]
        : []),
      ...frontier.left.map(
        ({ items, why }) =>
          `${formatCount(items.length)} ${items.length === 1 ? "tensor stays as it is" : "tensors stay as they are"} stored: ${why}.`,
      ),
      ...limitsOf(of, rows),
    ],
    refused: refusedOf(scores),
  };
}

const perWeight = (bits: Float64Array, { cacheBits, elements }: NonNullable<MixInView["size"]>): Float64Array =>
  bits.map((b) => (b - cacheBits) / elements);

function searchWords({ method, resolution, gap }: NonNullable<MixInView["frontier"]>): string {
  if (gap === 0) return "exact: no assignment within the budget loses less";
  if (method === "sums") return "exact: every sum of bits told apart";
  if (method === "hull")
    return `convex hull and what lies between its corners, at most ${formatNumber(gap)} above the least loss`;
  return `dynamic programming in steps of ${formatCount(resolution)} bits, at most ${formatNumber(gap)} above the least loss`;
}

/** What the assignment was made to keep to. */
function limitLines({ state }: MixInView): Line[] {
  const { pins, first, last, least, runtime } = state;
  return [
    ...(runtime ? [["Runtime", runtime] as const] : []),
    ...(pins ? [["Pinned", pins] as const] : []),
    ...(first > 0 || last > 0 ? [["Layers kept", `first ${first}, last ${last}`] as const] : []),
    ...(least ? [["Bits at least", least] as const] : []),
  ];
}
