/** Figures and charts of the run on the screen, marked as old while they are of something else. */
import { useMemo } from "react";
import { figuresOf, type LmFigures } from "../../../workers/lm/figures/index.ts";
import type { Stale } from "../../charts/types.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Split } from "../../widgets/Split.tsx";
import { FiguresTable } from "./FiguresTable.tsx";
import { KlCharts } from "./KlCharts.tsx";
import { withModel } from "./state.ts";
import { type LmRun, lmStoreOf } from "./store.ts";
import type { ModelInView } from "./useModel.ts";

/** The run whose figures are shown, and what is said of it where they are not those asked for. */
export interface ShownRun {
  run: LmRun | null;
  stale: Stale | null;
}

export function useShownRun(wanted: string | null): ShownRun {
  const { run, old, job, drafts } = useStoreOf(lmStoreOf(useWorkbench()), (s) => s);
  return useMemo(() => {
    const shown = run && run.windows.length > 0 ? run : (old ?? run);
    if (!shown || shown.windows.length === 0) return { run: shown, stale: null };
    const mistaken = drafts.a || drafts.b || wanted === null;
    if (shown.key === wanted && !mistaken) return { run: shown, stale: null };
    const coming = job !== null && !mistaken;
    const of = (["a", "b"] as const)
      .map((side) => `${side.toUpperCase()} ${shown.request[side]?.weights || "as it is"}`)
      .join(", ");
    const badge = coming ? "old: new figures on their way" : mistaken ? "last valid" : "old";
    const stale = { badge, words: `These figures are of ${of}.`, coming };
    return { run: shown, stale };
  }, [run, old, job, wanted, drafts]);
}

interface Props {
  /** The key of the run that is asked for. */
  wanted: string | null;
  model: ModelInView;
  narrow: boolean;
}

export function Measured({ wanted, model, narrow }: Props) {
  const w = useWorkbench();
  const { run, stale } = useShownRun(wanted);
  const windows = run?.windows ?? NONE;
  const noise = run?.noise ?? null;
  const answer = run?.answer ?? null;
  // Standard errors of percentiles take long, and come with the answer.
  const figures = useMemo(
    () => answer?.figures ?? figuresOf(windows, { noise, resampled: false }),
    [answer, windows, noise],
  );
  const notes = [
    ...brokenWords(figures),
    ...(run?.plan?.overlap ? [run.plan.overlap] : []),
    ...new Set([
      ...(run?.notes ?? []),
      ...(answer?.notes ?? []),
      ...(answer?.a?.notes.map((note) => `A: ${note}`) ?? []),
      ...(answer?.b?.notes.map((note) => `B: ${note}`) ?? []),
    ]),
    ...(model.info?.notes ?? []),
  ];
  const problems = model.info?.problems ?? [];
  const table =
    problems.length > 0 ? (
      <section aria-label="What is missing" className="pane flex h-full flex-col gap-2 overflow-auto p-3">
        <h3 className="m-0 font-semibold text-sm">This model cannot be run here</h3>
        <ul className="m-0 pl-4">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
        <p className="m-0 text-muted">Its weights can be explored: open one from the network below.</p>
        {notes.length > 0 && (
          <ul aria-label="Notes on the model" className="m-0 list-none p-0 text-muted text-xs">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </section>
    ) : (
      <FiguresTable
        figures={figures}
        cut={run?.request.windows ?? null}
        bits={{
          base: answer?.bitsPerWeight ?? null,
          a: answer?.a?.bitsPerWeight ?? null,
          b: answer?.b?.bitsPerWeight ?? null,
        }}
        noise={noise}
        windows={run?.plan?.windows ?? null}
        windowsInAll={run?.plan?.windowsInAll ?? null}
        stale={stale?.badge ?? null}
        notes={notes}
      />
    );
  const charts = (
    <section aria-label="KL charts" className="pane h-full p-2" style={narrow ? { height: 280 } : undefined}>
      <KlCharts
        windows={windows}
        noise={noise}
        stale={stale}
        kind={model.state.chart}
        onKind={(chart) => w.timeline.change((e) => withModel(e, { chart }))}
      />
    </section>
  );
  if (narrow) {
    return (
      <>
        {table}
        {charts}
      </>
    );
  }
  return (
    <Split direction="row" initial="58%" least={[420, 280]} label="Resize figures" first={table} second={charts} />
  );
}

/** Why there are no figures where logits are not finite. */
function brokenWords({ base, a, b, predictions }: LmFigures): string[] {
  const of = [
    { name: "the model as it is", figures: base },
    { name: "A", figures: a },
    { name: "B", figures: b },
  ];
  return of.flatMap(({ name, figures }) =>
    figures && figures.broken > 0
      ? [
          `${figures.broken.toLocaleString("en")} of ${predictions.toLocaleString("en")} predictions of ${name} have logits that are not finite: it has no means and no percentiles, which would hide them.`,
        ]
      : [],
  );
}

const NONE: readonly never[] = [];
