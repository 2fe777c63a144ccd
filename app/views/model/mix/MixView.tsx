/** Which tensor gets which recipe: the map of scores, tensors as a table, the frontier of the whole model, and panels beside it. */
import { useCallback, useMemo } from "react";
import { KEEP } from "../../../../kernels/notation/index.ts";
import { signalNamed } from "../../../../kernels/signals/index.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import { formatNumber, formatPercent } from "../../../charts/numbers.ts";
import type { Stale } from "../../../charts/types.ts";
import { useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { SourceProblem } from "../../../tensors/SourceProblem.tsx";
import { Split } from "../../../widgets/Split.tsx";
import { useNarrow } from "../../../widgets/useMedia.ts";
import { SideSwitch } from "../SideSwitch.tsx";
import { colourOf } from "./colours.ts";
import { recipeOf } from "./columns.ts";
import { FrontierPane } from "./FrontierPane.tsx";
import { HeatMap } from "./HeatMap.tsx";
import { openOnBench } from "./open.ts";
import { PanelTabs } from "./PanelTabs.tsx";
import { panels } from "./panels.ts";
import type { MixPoint } from "./points.ts";
import { ScoreBar } from "./ScoreBar.tsx";
import { needWords } from "./signals.ts";
import { compare } from "./solving.ts";
import { type MixState, withMix } from "./state.ts";
import { mixStoreOf } from "./store.ts";
import { TensorPane } from "./TensorPane.tsx";
import { useMix } from "./useMix.ts";
import { useModelScoring } from "./useModelScoring.ts";
import { useScoring } from "./useScoring.ts";

export function MixView() {
  const source = useStoreOf(useWorkbench().source.store, (s) => (s.status === "open" ? s.info : null));
  if (!source) {
    return (
      <>
        <div className="p-2">
          <SideSwitch />
        </div>
        <SourceProblem />
      </>
    );
  }
  return <Mix key={source.id} source={source.id} />;
}

const NO_POINTS: readonly MixPoint[] = [];

function Mix({ source }: { source: string }) {
  const w = useWorkbench();
  const narrow = useNarrow();
  const screen = useMix(source);
  const { mix } = screen;
  const { state, scores, tensors, table, assigned } = mix;
  const scoring = useScoring(source, state);
  const byModel = useModelScoring(state, scores);
  const change = useCallback(
    (some: Partial<MixState>, merge?: string) => w.timeline.change((e) => withMix(e, some), { merge }),
    [w],
  );
  const mark = useCallback(
    (tensor: number | null) =>
      change({ tensor: tensor === null || !tensors ? null : tensors.names[tensor] }, "mix mark"),
    [change, tensors],
  );
  const open = useCallback(
    (tensor: number, side: "a" | "b" = "a") => {
      if (!tensors) return;
      const recipe = table ? recipeOf({ tensors, assigned, choices: table.choices }, tensor) : null;
      openOnBench(w, tensors.names[tensor], recipe, side);
    },
    [w, tensors, table, assigned],
  );
  const colour = useMemo(
    () => (scores ? colourOf(state.colour, scores, assigned) : null),
    [scores, assigned, state.colour],
  );
  const words = useCallback(
    (tensor: number) => {
      if (!assigned || !table) return "";
      const choice = assigned.choice[tensor];
      const recipe = choice < 0 ? KEEP : table.choices[choice];
      const share = assigned.errorShare[tensor];
      return `${recipe === KEEP ? "kept as stored" : recipe}, ${formatNumber(assigned.bits[tensor], 3)} b${Number.isNaN(share) ? "" : `, ${formatPercent(share)} of the error`}`;
    },
    [assigned, table],
  );
  const calibration = useStoreOf(w.calibration.store, (s) => s.status === "open");
  const job = useStoreOf(mixStoreOf(w), (s) => s.job);
  const complete = useStoreOf(mixStoreOf(w), (s) => s.complete);
  const stale = staleOf({ scores, signal: state.signal, old: screen.old, under: job !== null, complete });
  const solving = useStoreOf(mixStoreOf(w), (s) => s.solving);
  const comparing = useStoreOf(mixStoreOf(w), (s) => s.comparing);
  const compared = useStoreOf(mixStoreOf(w), (s) => s.compared);
  const others = useMemo<readonly MixPoint[]>(
    () =>
      compared === null || compared.key !== screen.problem?.key
        ? NO_POINTS
        : compared.points.map(({ title, bits, loss, gap }) => ({
            ...{ name: title, kind: "solver" as const, bits, loss, without: 0, gap },
          })),
    [compared, screen.problem?.key],
  );
  const signal = signalNamed(state.signal);
  const lacking = signal && needWords(signal, calibration);
  const nothing = screen.tableProblem
    ? (lacking ??
      (byModel
        ? `${signal?.title ?? state.signal} comes of a run of the model: press Run the model`
        : screen.tableProblem))
    : (screen.unsolved ??
      (job
        ? "The frontier comes when all tensors are scored"
        : solving
          ? `Finding the frontier${solving.progress ? `: ${solving.progress.phase}` : ""}…`
          : scores
            ? "No frontier yet"
            : "Nothing is scored yet"));

  const shown = panels.filter((panel) => panel.shows?.(mix) ?? true);
  const panel = shown.find(({ id }) => id === state.panel) ?? shown[0];
  const bar = (
    <ScoreBar
      {...{
        state,
        scores,
        planned: scoring.planned,
        why: scoring.why,
        plan: scoring.plan,
        planProblem: scoring.problem,
      }}
      byModel={byModel}
      calibrated={calibration}
      runs={mix.network !== null && mix.network.problems.length === 0}
      onStart={scoring.start}
      onChange={change}
      onOpened={(file) => change(askedBy(file))}
    />
  );
  const map = (
    <section aria-label="Map of tensors" className="pane h-full p-2" style={narrow ? { height: 340 } : undefined}>
      {tensors && scores ? (
        <HeatMap
          {...{ tensors, scores, colour, folded: state.folded, flags: screen.flags, marked: screen.marked, words }}
          stale={stale}
          onColour={(id) => change({ colour: id })}
          onFolded={(folded) => change({ folded })}
          onMark={mark}
          onSelect={(text, add) => change({ chosen: add && state.chosen !== "" ? `${state.chosen},${text}` : text })}
          onOpen={open}
        />
      ) : (
        <p className="m-0 text-muted">
          {job
            ? "The first scores are on their way…"
            : "No scores yet: choose recipes and press Score, or open a file of scores."}
        </p>
      )}
    </section>
  );
  const list = (
    <section aria-label="Table of tensors" className="pane h-full p-2" style={narrow ? { height: 420 } : undefined}>
      {tensors ? (
        <TensorPane screen={screen} onChange={change} onMark={mark} onOpen={open} />
      ) : (
        <p className="m-0 text-muted text-xs">Every tensor will be a row here.</p>
      )}
    </section>
  );
  const budget = (
    <section aria-label="Budget" className="pane h-full p-2" style={narrow ? { height: 380 } : undefined}>
      <FrontierPane
        {...{
          mix,
          stale,
          nothing,
          budgetBits: screen.budgetBits,
          uniform: screen.uniform,
          others,
          planned: scoring.planned,
          comparing: comparing !== null,
        }}
        onCompare={
          screen.problem && screen.budgetBits !== null
            ? () => screen.problem && void compare(w, screen.problem, screen.budgetBits ?? 0)
            : null
        }
        onChange={change}
      />
    </section>
  );
  const beside = (
    <section
      aria-label="Beside the frontier"
      className="pane flex h-full flex-col gap-1.5 p-2"
      style={narrow ? { height: 460 } : undefined}
    >
      <div className="flex flex-wrap gap-1">
        <PanelTabs panels={shown} shown={panel.id} onShow={(id) => change({ panel: id })} />
        {screen.rulesProblem && (
          <span role="alert" className="text-bad text-xs">
            {screen.rulesProblem}
          </span>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={panel.title} tabIndex={0} className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]">
        <panel.View mix={mix} />
      </section>
    </section>
  );
  if (narrow) {
    return (
      <div className="flex flex-col gap-2 p-2" data-mix={source} data-scoring={job !== null}>
        <h2 className="sr-only">Mix</h2>
        {bar}
        {budget}
        {map}
        {list}
        {beside}
      </div>
    );
  }
  return (
    <div
      className="flex h-full min-h-[780px] flex-col gap-1.5 px-1.5 pb-1.5"
      data-mix={source}
      data-scoring={job !== null}
    >
      <h2 className="sr-only">Mix</h2>
      {bar}
      <div className="min-h-0 flex-1">
        <Split
          direction="row"
          initial="58%"
          least={[420, 340]}
          label="Resize map and frontier"
          first={
            <Split direction="column" initial="42%" least={[180, 160]} label="Resize map" first={map} second={list} />
          }
          second={
            <Split
              direction="column"
              initial="50%"
              least={[260, 160]}
              label="Resize frontier"
              first={budget}
              second={beside}
            />
          }
        />
      </div>
    </div>
  );
}

/** What the frontier is of, where that is not all of what is asked. */
function staleOf(of: {
  scores: ScoreFile | null;
  signal: string;
  old: boolean;
  under: boolean;
  complete: boolean;
}): Stale | null {
  if (of.old)
    return {
      badge: "old: a new frontier on its way",
      words: "The frontier is of what was asked before.",
      coming: true,
    };
  const left = of.scores && Object.hasOwn(of.scores.signals, of.signal) && of.scores.signals[of.signal].unfinished;
  if (of.under || !of.scores || (of.complete && !left)) return null;
  return {
    badge: "of a part: not all is scored",
    words: "What has no figure yet stays as it is stored.",
    coming: false,
  };
}

/** What a file of scores was asked by, so that the page asks for the same. */
const askedBy = ({ recipes, seed, share, signals }: ScoreFile): Partial<MixState> => ({
  grid: recipes.join(";"),
  seed,
  share: share >= 1 ? 0 : Math.max(1, Math.round(share * 1000)),
  signal: Object.hasOwn(signals, "nmse") ? "nmse" : (Object.keys(signals)[0] ?? "nmse"),
});
