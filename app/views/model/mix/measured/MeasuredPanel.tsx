/** Predicted against measured: the chosen mix, its neighbours on the frontier, uniform recipes and other mixes, run on text. */
import { useDeferredValue, useMemo, useState } from "react";
import { ChartFrame } from "../../../../charts/ChartFrame.tsx";
import { Choice } from "../../../../charts/Controls.tsx";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import { titleOf } from "../leaderboard/Board.tsx";
import type { MixInView } from "../panel.ts";
import { UnderWay } from "../UnderWay.tsx";
import { useGround } from "../useGround.ts";
import { useMixPlan } from "../useMixPlan.ts";
import { LEAST_TO_FIT } from "./additivity.ts";
import { broughtOf, broughtTo } from "./brought.ts";
import { candidateSets, type SetName } from "./candidateSets.ts";
import { type ChartKind, MeasuredChart } from "./MeasuredChart.tsx";
import { namedNear } from "./otherMixes.ts";
import { PointsTable } from "./PointsTable.tsx";
import { pointKinds } from "./points.ts";
import { predictedOf } from "./predicted.ts";
import { type Candidate, measure, measuredOf } from "./store.ts";
import { useMeasured } from "./useMeasured.ts";

const setWords: Readonly<Record<SetName, string>> = {
  neighbour: "neighbours on the frontier",
  uniform: "one recipe for all",
  named: "llama.cpp's mixes",
  file: "assignments of files",
};

const NOTHING: ReturnType<typeof namedNear> = { mixes: [], why: null };

export function MeasuredPanel(props: { mix: MixInView }) {
  const w = useWorkbench();
  // Rules of what could be measured take a while, and nobody reads them while the slider moves.
  const mix = useDeferredValue(props.mix);
  const ground = useGround();
  const [kind, setKind] = useState<ChartKind>("size");
  const [fitted, setFitted] = useState(false);
  const [without, setWithout] = useState<ReadonlySet<SetName>>(new Set(["named"]));
  const { job, progress, problem, seconds } = useStoreOf(measuredOf(w), (s) => s);
  const found = useMeasured(mix, ground.key);
  const { table, state, rules, frontier } = mix;
  const plan = useMixPlan(ground.ground && mix.source).answer;
  const { files } = broughtTo(
    useStoreOf(broughtOf(w), (s) => s),
    mix.source,
  );
  const { size, point } = mix;
  const bits = frontier && size && point >= 0 ? (frontier.bits[point] - size.cacheBits) / size.elements : null;
  const named = useMemo(() => (plan && bits !== null ? namedNear(plan, bits) : NOTHING), [plan, bits]);
  const runs = ground.ground !== null;
  const sets = useMemo(
    () => (runs ? candidateSets(mix, { named: named.mixes, file: [...files] }) : null),
    [runs, mix, named, files],
  );
  const comparable = state.signal === "kl";
  const unit = comparable ? "nats of KL" : titleOf(state.signal);
  const { points, verdict, additivity, words, noise, notes } = found;
  const wanted: Candidate[] = sets
    ? [
        sets.mix,
        ...(["neighbour", "uniform", "named", "file"] as const).flatMap((name) =>
          without.has(name) ? [] : sets[name],
        ),
      ]
    : [];
  const missing = wanted.filter((one) => !found.has(one.rules));
  // Differences are paired with the chosen mix, which comes along: what was measured before comes from the worker's memory.
  const asked = missing.length > 0 && missing[0].kind !== "mix" && sets ? [sets.mix, ...missing] : missing;
  const slope = comparable
    ? 1
    : fitted && additivity && additivity.ratios.length >= LEAST_TO_FIT
      ? additivity.center
      : null;
  const line = useMemo(() => {
    if (!frontier || slope === null || !mix.size) return null;
    const { elements, cacheBits } = mix.size;
    return {
      bits: frontier.bits.map((bits) => (bits - cacheBits) / elements),
      kl: frontier.loss.map((loss) => loss * slope),
      label: comparable ? "predicted" : "predicted, fitted to KL",
    };
  }, [frontier, slope, comparable, mix.size]);
  const toggle = (name: SetName) => {
    const next = new Set(without);
    if (!next.delete(name)) next.add(name);
    setWithout(next);
  };
  return (
    <div className="@container relative flex flex-col gap-1.5 text-xs" data-standing={verdict.standing}>
      <p
        role="status"
        data-verdict
        className={`m-0 font-medium text-sm ${verdict.standing === "worse" ? "text-bad" : "text-ink"}`}
      >
        {verdict.words}
      </p>
      {ground.why !== null && (
        <p className="m-0 text-warn">
          {ground.why} Other programs can measure it: export their commands and open their log.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <fieldset
          className="m-0 flex flex-wrap items-center gap-x-3 gap-y-1 border-0 p-0"
          aria-label="Measured beside the mix"
        >
          {(["neighbour", "uniform", "named", "file"] as const).map((name) => {
            const count = sets?.[name].length ?? 0;
            return (
              <label
                key={name}
                className={`flex items-center gap-1 pointer-coarse:min-h-11 ${count === 0 ? "text-faint" : ""}`}
              >
                <input
                  type="checkbox"
                  checked={count > 0 && !without.has(name)}
                  disabled={count === 0}
                  onChange={() => toggle(name)}
                />
                {setWords[name]} ({count})
              </label>
            );
          })}
        </fieldset>
        {job ? (
          <UnderWay label="Progress of measuring mixes" progress={progress} job={job}>
            {progress ? `${progress.done.toFixed(0)} of ${progress.total} windows` : "planning"}
            {seconds !== null && `, about ${Math.max(1, Math.round(seconds))} s in all`}
          </UnderWay>
        ) : (
          ground.ground && (
            <button
              type="button"
              className="btn"
              disabled={asked.length === 0}
              onClick={() =>
                void measure(w, ground, asked, ({ assigned }) =>
                  comparable && table ? predictedOf(table, assigned) : null,
                )
              }
            >
              {asked.length === 0 ? "All measured" : `Measure ${asked.length} ${asked.length === 1 ? "mix" : "mixes"}`}
            </button>
          )
        )}
        {ground.words && <span className="text-muted">on {ground.words} (chosen in Run)</span>}
      </div>
      {named.why !== null && <p className="m-0 text-muted">No mixes of llama.cpp: {named.why}</p>}
      {problem && (
        <p role="status" className="m-0 text-bad">
          {problem}
        </p>
      )}
      {points.length > 0 && (
        <p className="m-0 text-muted" data-additivity>
          {words}
        </p>
      )}
      <div className="grid gap-3 @min-[800px]:grid-cols-2">
        <div className="h-72">
          <ChartFrame
            chart="measured-mixes"
            title="Predicted and measured"
            description={`Measured KL of ${points.length} assignments. ${words}`}
            caption={pointKinds.map(({ words: one }) => one).join(", ")}
            minHeight={200}
            controls={
              <>
                <Choice
                  label="Measured KL against"
                  value={kind}
                  options={[
                    { value: "size", label: "by size" },
                    { value: "prediction", label: "by prediction" },
                  ]}
                  onChange={setKind}
                />
                {!comparable && additivity && additivity.ratios.length >= LEAST_TO_FIT && (
                  <Choice
                    label="Predictions in another unit"
                    value={fitted ? "fit" : "own"}
                    options={[
                      { value: "own", label: "own axis" },
                      { value: "fit", label: "fitted to KL" },
                    ]}
                    onChange={(how) => setFitted(how === "fit")}
                  />
                )}
              </>
            }
            footer={
              line && kind === "size" ? (
                <p className="m-0 text-[11px] text-muted">Dashed: {line.label}, along the frontier.</p>
              ) : null
            }
            table={() => ({
              caption: "Predicted and measured",
              columns: [
                "assignment",
                "kind",
                "bits a weight",
                `predicted, ${unit}`,
                "KL, nats",
                "± standard error",
                "recipe",
              ],
              rows: points.map(({ label, kind: of, bits, predicted, measured, id }) => [
                ...[label, of, bits, predicted, measured?.value ?? null, measured?.stderr ?? null, id],
              ]),
            })}
          >
            <MeasuredChart {...{ points, kind, line, unit, slope, noise }} />
          </ChartFrame>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section aria-label="Measured mixes" tabIndex={0} className="scroll-cue overflow-auto">
          {points.length === 0 ? (
            <p className="m-0 text-muted">{rules === null ? "There is no mix yet." : "Nothing is measured yet."}</p>
          ) : (
            <PointsTable points={points} unit={unit} comparable={comparable} difference={found.difference} />
          )}
          {notes.length > 0 && (
            <ul aria-label="Notes on what was measured" className="m-0 list-none p-0 pt-1 text-[11px] text-muted">
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </div>
  );
}
