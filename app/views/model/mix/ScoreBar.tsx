/** What is scored, how far it is, what it will read before it begins; files of scores. */
import { formatBytes } from "../../../../workers/bytes/format-bytes.ts";
import type { ScoreFile, ScoresPlan } from "../../../../workers/scores/types.ts";
import { formatCount, formatPercent } from "../../../charts/numbers.ts";
import { pickFiles } from "../../../files/files.ts";
import { messageOf, notify } from "../../../state/notices.ts";
import { CANCELLED } from "../../../state/results.ts";
import { useStoreOf, useWorkbench } from "../../../state/workbench.ts";
import { Icon } from "../../../widgets/icons.tsx";
import { SideSwitch } from "../SideSwitch.tsx";
import { openScores, type PlannedScores, saveScores } from "./scoring.ts";
import { isOfModel, lossSignals, needWords } from "./signals.ts";
import type { MixState } from "./state.ts";
import { mixStoreOf } from "./store.ts";
import type { ModelScoring } from "./useModelScoring.ts";

interface Props {
  state: MixState;
  planned: PlannedScores | null;
  /** Why nothing can be asked for. */
  why: string | null;
  plan: ScoresPlan | null;
  planProblem: string | null;
  scores: ScoreFile | null;
  /** The run of the model that the signal needs beside them; null for none. */
  byModel: ModelScoring | null;
  calibrated: boolean;
  /** Whether the model can be run, for signals that do. */
  runs: boolean;
  onStart(): void;
  onChange(some: Partial<MixState>): void;
  /** Of a file that was opened. */
  onOpened(scores: ScoreFile): void;
}

export function ScoreBar(props: Props) {
  const { state, scores, calibrated, runs, onChange, onOpened } = props;
  const lacking = neededFor(state.signal, scores, calibrated);
  const w = useWorkbench();
  const open = async () => {
    const [file] = await pickFiles(false);
    if (!file) return;
    try {
      onOpened(await openScores(w, file));
    } catch (error) {
      notify(messageOf(error), "error");
    }
  };
  const known = lossSignals.some(({ name }) => name === state.signal);
  const imported = scores
    ? Object.keys(scores.signals).filter((name) => !lossSignals.some((s) => s.name === name))
    : [];
  const ofValues = lossSignals.filter(({ name }) => !isOfModel(name));
  const ofModel = lossSignals.filter(({ name }) => isOfModel(name));
  return (
    <section aria-label="Scores" className="pane flex items-center gap-x-3 gap-y-1 px-2 py-1 max-[1199px]:flex-wrap">
      <SideSwitch />
      <label className="inline-flex items-center gap-1.5">
        <span className="label">signal</span>
        <select
          id="mix-signal"
          className="field max-w-52"
          value={state.signal}
          onChange={(event) => onChange({ signal: event.currentTarget.value })}
        >
          <optgroup label="of weights">
            {ofValues.map((signal) => (
              <option key={signal.name} value={signal.name} title={signal.says}>
                {signal.title}
                {needWords(signal, calibrated) === null ? "" : " (needs inputs)"}
              </option>
            ))}
          </optgroup>
          <optgroup label="of the running model">
            {ofModel.map((signal) => (
              <option key={signal.name} value={signal.name} title={signal.says}>
                {signal.title}
                {runs ? "" : " (needs a model that runs)"}
              </option>
            ))}
          </optgroup>
          {(imported.length > 0 || !known) && (
            <optgroup label="in these scores">
              {[...new Set([...imported, ...(known ? [] : [state.signal])])].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      <Status {...props} why={props.why ?? lacking} />
      <span className="inline-flex shrink-0 gap-1">
        <button type="button" className="btn btn-quiet" title="Open a file of scores" onClick={() => void open()}>
          <Icon name="folder" />
          Open<span className="sr-only"> scores</span>
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          title="Save the scores as a file that opens here and on the command line"
          disabled={!scores || scores.tensors.length === 0}
          onClick={() => scores && saveScores(scores)}
        >
          <Icon name="download" />
          Save<span className="sr-only"> scores</span>
        </button>
      </span>
    </section>
  );
}

/** What the signal needs and is not there; null where it is scored already, or can be. */
function neededFor(name: string, scores: ScoreFile | null, calibrated: boolean): string | null {
  const signal = lossSignals.find((one) => one.name === name);
  if (!signal || (scores && Object.hasOwn(scores.signals, name))) return null;
  return needWords(signal, calibrated);
}

function Status({ planned, why, plan, planProblem, scores, byModel, onStart }: Props) {
  const w = useWorkbench();
  const { job, progress, problem, complete, key } = useStoreOf(mixStoreOf(w), (s) => s);
  if (job) {
    const part = progress && progress.total > 0 ? progress.done / progress.total : null;
    const bytes =
      plan && part !== null && progress?.unit === "tensors"
        ? `${formatBytes(plan.bytesRead * part)} of ${formatBytes(plan.bytesRead)}`
        : null;
    return (
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
        <progress className="w-24 shrink-0" value={part ?? undefined} max={1} aria-label="Progress of the scores" />
        <span className="min-w-0 truncate text-muted text-xs" role="status">
          {progress
            ? `${formatCount(progress.done)} of ${formatCount(progress.total)} ${progress.unit}${bytes ? `, about ${bytes}` : ""}`
            : "starting"}
        </span>
        <button type="button" className="btn shrink-0" onClick={() => job.abort()}>
          <Icon name="stop" />
          Cancel <span className="key">Esc</span>
        </button>
      </div>
    );
  }
  if (byModel) return <ModelStatus of={byModel} problem={problem} />;
  const same = complete && (key === null || key === planned?.key);
  const partial = scores !== null && !complete && scores.tensors.length > 0;
  return (
    <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
      {problem ? (
        <span
          role="alert"
          className={`line-clamp-2 min-w-0 text-xs leading-[15px] ${problem === CANCELLED ? "text-muted" : "text-bad"}`}
          title={problem}
        >
          {problem}
          {partial && ` ${formatCount(scores.tensors.length)} tensors are scored: what there is stays.`}
        </span>
      ) : (why ?? planProblem) ? (
        <span
          role="alert"
          className="line-clamp-2 min-w-0 text-bad text-xs leading-[15px]"
          title={why ?? planProblem ?? ""}
        >
          {why ?? planProblem}
        </span>
      ) : (
        <span role="status" className="line-clamp-2 min-w-0 text-muted text-xs leading-[15px]">
          {same && scores ? doneWords(scores) : plan ? aheadWords(plan) : "Looking ahead…"}
        </span>
      )}
      <button
        type="button"
        className={`btn shrink-0 ${same ? "" : "btn-main"}`}
        disabled={!planned || !plan}
        onClick={onStart}
      >
        {partial ? "Go on" : same ? "Score again" : "Score"}
      </button>
    </div>
  );
}

/** What a run of the model would take, and its button. */
function ModelStatus({
  of: { plan, problem: ahead, words, start },
  problem,
}: {
  of: ModelScoring;
  problem: string | null;
}) {
  const wrong = ahead ?? (problem === CANCELLED ? null : problem);
  return (
    <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
      {wrong ? (
        <span role="alert" className="line-clamp-2 min-w-0 text-bad text-xs leading-[15px]" title={wrong}>
          {wrong}
        </span>
      ) : (
        <span role="status" className="line-clamp-2 min-w-0 text-muted text-xs leading-[15px]">
          {problem === CANCELLED && "Cancelled; what was measured stays. "}
          {plan
            ? `The model runs ${formatCount(plan.passes)} times over a window: ${formatCount(plan.tensors)} tensors × ${formatCount(plan.recipes)} recipes on ${words}${plan.seconds === null ? "" : `, about ${plan.seconds < 90 ? `${Math.round(plan.seconds)} s` : `${Math.round(plan.seconds / 60)} min`}`}`
            : "Looking ahead…"}
        </span>
      )}
      <button type="button" className="btn btn-main shrink-0" disabled={!plan} onClick={start}>
        Run the model
      </button>
    </div>
  );
}

/** What will be read, before it begins. */
function aheadWords({ tensors, recipes, share, bytesRead, bytesExact }: ScoresPlan): string {
  const reads = bytesRead < bytesExact ? `; an exact answer reads ${formatBytes(bytesExact)}` : "";
  return `${formatCount(tensors.length)} tensors × ${formatCount(recipes.length)} recipes, ${share < 1 ? `${formatPercent(share)} of the rows: ` : ""}${formatBytes(bytesRead)} to read${reads}`;
}

/** What the scores are over. */
function doneWords({ tensors, recipes, share, calibration, cache }: ScoreFile): string {
  const sampled = tensors.filter(({ rows, rowsRead }) => rowsRead > 0 && rowsRead < rows).length;
  const of =
    sampled === 0
      ? "all rows"
      : `${formatPercent(share)} of the rows of ${sampled === tensors.length ? "each" : `${formatCount(sampled)} of them`}`;
  return `${formatCount(tensors.length)} tensors × ${formatCount(recipes.length)} recipes, ${of}${calibration ? `, inputs of ${calibration.name}` : ""}${cache ? "; beside them keys and values by layer, which the command line chooses for (model --cache-recipes)" : ""}`;
}
