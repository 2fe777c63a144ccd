/** Figures of a model as they are written: a value with its standard error, to the digits that this leaves. */

import type { Estimate, LmFigures, SideFigures } from "../../../workers/lm/figures/index.ts";
import { formatNumber } from "../../charts/numbers.ts";

/** With a real minus, and none before a zero. */
const minus = (text: string): string => text.replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−");

export interface Written {
  value: string;
  /** After a plus-minus; null where there is none. */
  stderr: string | null;
}

/** To two digits of the standard error, or to four of the value where there is none. */
export function writeEstimate({ value, stderr }: Estimate, factor = 1): Written {
  if (value === null) return { value: "–", stderr: null };
  const x = value * factor;
  const e = stderr === null ? null : stderr * factor;
  if (e === null || !(e > 0) || !Number.isFinite(x)) return { value: formatNumber(x, 4), stderr: null };
  const place = Math.floor(Math.log10(e)) - 1;
  if (Math.max(Math.abs(x), e) < 1e-4) return { value: formatNumber(x, 3), stderr: formatNumber(e, 2) };
  const decimals = Math.max(0, Math.min(7, -place));
  return { value: minus(x.toFixed(decimals)), stderr: e.toFixed(decimals) };
}

export const writtenText = ({ value, stderr }: Written): string => (stderr === null ? value : `${value} ± ${stderr}`);

export interface FigureRow {
  id: string;
  label: string;
  unit: string;
  /** A sentence for whoever asks what it is. */
  about: string;
  /** Of the model as it is; null where the figure is about a difference from it. */
  base: Written | null;
  a: Written | null;
  b: Written | null;
  /** A less B, paired by window; null where there is none. */
  difference: Written | null;
}

const percent = (e: Estimate): Written => writeEstimate(e, 100);

interface Spec {
  id: string;
  label: string;
  unit: string;
  about: string;
  write?: (e: Estimate) => Written;
  base?: (f: LmFigures) => Estimate;
  side: (f: SideFigures) => Estimate;
  difference?: "nll" | "kl" | "topOne";
}

const place = (p: number) => (f: SideFigures) =>
  f.change.places.find((one) => one.p === p)?.value ?? { value: null, stderr: null };

const specs: readonly Spec[] = [
  {
    ...{ id: "nll", label: "NLL", unit: "nats", about: "−log p of the right token, mean over predictions" },
    ...{ base: (f) => f.base.nll, side: (f) => f.nll, difference: "nll" },
  },
  {
    ...{ id: "ppl", label: "Perplexity", unit: "", about: "exp of the mean NLL" },
    ...{ base: (f) => f.base.perplexity, side: (f) => f.perplexity },
  },
  {
    ...{
      id: "dnll",
      label: "NLL change",
      unit: "nats",
      about: "NLL less that of the model as it is, paired by window",
    },
    side: (f) => f.nllChange,
  },
  {
    ...{ id: "kl", label: "KL mean", unit: "nats", about: "KL(model as it is ‖ quantized), mean over predictions" },
    ...{ side: (f) => f.kl, difference: "kl" },
  },
  { id: "kl50", label: "KL median", unit: "nats", about: "half of the predictions lie below", side: (f) => f.klMedian },
  {
    id: "kl99",
    label: "KL 99th percentile",
    unit: "nats",
    about: "one prediction in a hundred lies above",
    side: (f) => f.klP99,
  },
  {
    id: "klmax",
    label: "KL largest",
    unit: "nats",
    about: "of all predictions; it has no standard error",
    side: (f) => f.klMax,
  },
  {
    ...{
      id: "same",
      label: "Same first choice",
      unit: "%",
      about: "predictions whose likeliest token is that of the model as it is",
    },
    ...{ write: percent, side: (f) => f.topOne, difference: "topOne" },
  },
  {
    ...{
      id: "dp",
      label: "Δp mean",
      unit: "%",
      about: "change of the right token's probability, in percentage points",
    },
    ...{ write: percent, side: (f) => f.change.mean },
  },
  {
    ...{
      id: "dprms",
      label: "Δp rms",
      unit: "%",
      about: "root mean square of the change of the right token's probability",
    },
    ...{ write: percent, side: (f) => f.change.rms },
  },
  {
    ...{
      id: "dp1",
      label: "Δp 1st percentile",
      unit: "%",
      about: "one prediction in a hundred loses more; files hold all places",
    },
    ...{ write: percent, side: place(0.01) },
  },
  {
    ...{ id: "dp50", label: "Δp median", unit: "%", about: "half of the predictions lose more, or gain less" },
    ...{ write: percent, side: place(0.5) },
  },
  {
    ...{ id: "dp99", label: "Δp 99th percentile", unit: "%", about: "one prediction in a hundred gains more" },
    ...{ write: percent, side: place(0.99) },
  },
];

export function rowsOf(figures: LmFigures): FigureRow[] {
  return specs.map(({ id, label, unit, about, write = writeEstimate, base, side, difference }) => {
    const of = (f: SideFigures | null): Written | null => {
      if (!f) return null;
      if (id === "kl" && f.none) return { value: "none", stderr: null };
      return write(side(f));
    };
    return {
      ...{ id, label, unit, about },
      base: base ? write(base(figures)) : null,
      a: of(figures.a),
      b: of(figures.b),
      difference: difference && figures.difference ? write(figures.difference[difference]) : null,
    };
  });
}

/** What A and B do to the text, in one sentence; null where they cannot be compared. */
export function verdictOf(figures: LmFigures): string | null {
  const { a, b, difference, windows } = figures;
  if (!a || !b || !difference) return null;
  if (a.none && b.none) return "Neither A nor B changes what the model says beyond the noise of its sums.";
  const { value, stderr } = difference.kl;
  if (value === null) return null;
  const over = `paired over ${windows} ${windows === 1 ? "window" : "windows"}`;
  if (value === 0) return "A and B are equally near to the model as it is.";
  if (stderr === null)
    return `On KL, ${value < 0 ? "A" : "B"} is nearer to the model as it is in this one window, which tells no error.`;
  const amount = writtenText(writeEstimate({ value: Math.abs(value), stderr }));
  if (Math.abs(value) < 2 * stderr) return `On KL, A and B cannot be told apart: ${amount} nats between them, ${over}.`;
  return `On KL, ${value < 0 ? "A" : "B"} is nearer to the model as it is by ${amount} nats, ${over}.`;
}
