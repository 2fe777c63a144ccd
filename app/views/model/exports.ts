/** The figures of a model as files: one line a figure and side, or all that came as one object. */
import { NUMBERS_VERSION } from "../../../kernels/report/report.ts";
import { type Estimate, figuresOf, type SideFigures } from "../../../workers/lm/figures/index.ts";
import type { FirstChoices } from "../../../workers/lm/request.ts";
import { csvOf } from "../../charts/csv.ts";
import { linkNow } from "../../export/exports.ts";
import { download } from "../../files/download.ts";
import type { Workbench } from "../../state/workbench.ts";
import { type LmRun, lmStoreOf } from "./store.ts";

/** Named as `lm --json` names them. */
function sideRows(f: SideFigures): [string, Estimate][] {
  return [
    ["nll", f.nll],
    ["perplexity", f.perplexity],
    ["nllChange", f.nllChange],
    ["kl", f.kl],
    ["klMedian", f.klMedian],
    ["klP99", f.klP99],
    ["klMax", f.klMax],
    ["topOne", f.topOne],
    ["changeMean", f.change.mean],
    ["changeRms", f.change.rms],
    ...f.change.places.map(({ p, value }): [string, Estimate] => [`change ${p}`, value]),
  ];
}

const figuresIn = ({ answer, windows, request, noise }: LmRun) =>
  answer?.figures ?? figuresOf(windows, { seed: request.windows.seed, noise });

export function figuresCsv(run: LmRun, link: string): string {
  const figures = figuresIn(run);
  const { windows, predictions, base, a, b, difference } = figures;
  const rows: [string, string, Estimate][] = [
    ["as it is", "nll", base.nll],
    ["as it is", "perplexity", base.perplexity],
    ...(a ? sideRows(a) : []).map(([name, e]): [string, string, Estimate] => ["A", name, e]),
    ...(b ? sideRows(b) : []).map(([name, e]): [string, string, Estimate] => ["B", name, e]),
    ...(difference ? Object.entries(difference) : []).map(([name, e]): [string, string, Estimate] => ["A-B", name, e]),
  ];
  const recipe = (side: string) => (side === "A" ? run.request.a : side === "B" ? run.request.b : null);
  const columns = [
    "side",
    "weights",
    "activations",
    "cache",
    "figure",
    "value",
    "stderr",
    "windows",
    "predictions",
    "link",
  ];
  return `${csvOf(
    columns,
    rows.map(([side, name, { value, stderr }]) => {
      const of = recipe(side);
      const own = [of?.weights ?? "", of?.activations ?? "", of?.cache ?? ""];
      return [side, ...own, name, value, stderr, windows, predictions, link];
    }),
  )}\r\n`;
}

export function figuresJson(run: LmRun, link: string): string {
  const { request, plan, noise, notes, answer, windows, tensors } = run;
  const whole = {
    ...{ numbers: NUMBERS_VERSION, link, complete: answer !== null },
    ...{ a: request.a, b: request.b, definitions: request.definitions, windowing: request.windows, plan, noise },
    figures: figuresIn(run),
    bitsPerWeight: answer && { stored: answer.bitsPerWeight, a: answer.a?.bitsPerWeight, b: answer.b?.bitsPerWeight },
    tensors: [...tensors.a.values(), ...tensors.b.values()],
    // A token's text is in `pieces`; figures are in nats.
    windows: windows.map(({ index, first, targets, pieces, nll, choices, chosen, a, b }) => {
      const likeliest = ({ tokens, p }: FirstChoices) => ({
        ...{ tokens: [...tokens], pieces: Array.from(tokens, (token) => chosen.get(token) ?? ""), p: [...p] },
      });
      const side = (one: typeof a) =>
        one && {
          ...{ nll: [...one.nll], kl: [...one.kl], same: [...one.same], change: [...one.change] },
          firstChoice: likeliest(one.choices),
        };
      return {
        ...{ index, first, targets: [...targets], pieces, nll: [...nll], firstChoice: likeliest(choices) },
        ...{ a: side(a), b: side(b) },
      };
    }),
    notes: [...notes, ...(answer?.notes ?? [])],
  };
  return `${JSON.stringify(whole, null, 1)}\n`;
}

export function exportFigures(w: Workbench, kind: "csv" | "json"): void {
  const { run } = lmStoreOf(w).getState();
  if (!run) return;
  const text = (kind === "csv" ? figuresCsv : figuresJson)(run, linkNow(w));
  download(text, `model.lm.${kind}`, kind === "csv" ? "text/csv" : "application/json");
}
