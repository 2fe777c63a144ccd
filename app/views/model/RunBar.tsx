/** The text and the run: what it comes to before it begins, how far it is, and what it was. */
import { type ReactNode, useEffect } from "react";
import { formatBytes } from "../../../workers/bytes/format-bytes.ts";
import type { LmAnswer, LmPlan } from "../../../workers/lm/request.ts";
import { capturingOf } from "../../captures/capturing.ts";
import { CANCELLED } from "../../state/results.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { capturesOf, usualChoice } from "./capture.ts";
import { ASK_SECONDS, beginsAlone, fewerWindows, foresee, type Plan, slowGuess, startRun } from "./run.ts";
import { withModel } from "./state.ts";
import { lmStoreOf } from "./store.ts";
import { TextBar } from "./TextBar.tsx";
import { textsOf } from "./texts.ts";
import type { ModelInView } from "./useModel.ts";
import { useSampleText } from "./useSampleText.ts";

interface Props {
  plan: Plan;
  /** Multiplications and additions of the run that would begin, and those of all windows that are asked for. */
  work: number;
  whole: number;
  model: ModelInView;
}

export function RunBar({ before, plan, work, whole, model }: Props & { before?: ReactNode }) {
  const w = useWorkbench();
  const { info, state } = model;
  useSampleText(info, state.text);
  return (
    <section
      aria-label="Text and run"
      className="pane flex items-center gap-x-3 gap-y-1 px-2 py-1 max-[1199px]:flex-wrap"
    >
      {before}
      <TextBar
        state={state}
        bundled={info?.bundled ?? false}
        onChange={(some, merge) => w.timeline.change((e) => withModel(e, some), { merge })}
      />
      <RunState plan={plan} work={work} whole={whole} model={model} />
    </section>
  );
}

const seconds = (s: number): string =>
  s < 1
    ? "under a second"
    : s < 90
      ? `about ${Math.round(s)} s`
      : s < 5400
        ? `about ${Math.round(s / 60)} min`
        : `about ${(s / 3600).toFixed(1)} h`;

function RunState({ plan, work, whole, model }: Props) {
  const w = useWorkbench();
  const { run, job, progress, problem, rate, foreseen } = useStoreOf(lmStoreOf(w), (s) => s);
  const { info } = model;
  const { planned } = plan;
  const capturing = capturingOf(w);
  const learning = useStoreOf(capturing.store, (s) => s);
  const unknown = useStoreOf(w.calibration.store, (s) => s.status === "none");
  const held = useStoreOf(textsOf(w), (s) => s);
  const same = planned !== null && run?.key === planned.key && run.answer !== null;
  const asks = planned !== null && !same && !beginsAlone(work, rate);
  const key = planned?.key;
  const idle = job === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys stand for equal requests
  useEffect(() => {
    if (!asks || !planned || !idle) return;
    const asking = new AbortController();
    void foresee(w, planned, asking.signal);
    return () => asking.abort();
  }, [w, key, asks, idle]);
  if (job) {
    const done = run?.windows.length ?? 0;
    const all = run?.plan?.windows ?? null;
    const part = progress && progress.total > 0 ? progress.done / progress.total : null;
    return (
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
        <progress className="w-16 shrink-0" value={part ?? undefined} max={1} aria-label="Progress of the run" />
        <span className="min-w-0 truncate text-muted text-xs" role="status">
          {all === null ? "planning" : `${done} of ${all} windows`}
          {progress && progress.phase !== "windows" ? `, ${progress.phase}` : ""}
          {run?.plan ? ` · ${run.plan.device === "webgpu" ? "WebGPU" : "WebAssembly"}` : ""}
          {run?.plan?.seconds != null && done < (all ?? 0) ? `, ${seconds(run.plan.seconds)} in all` : ""}
          {run?.plan?.streamed ? ", layer by layer" : ""}
        </span>
        <button type="button" className="btn shrink-0" onClick={() => job.abort()}>
          <Icon name="stop" />
          Cancel <span className="key">Esc</span>
        </button>
      </div>
    );
  }
  const ahead = foreseen && foreseen.key === key ? foreseen : null;
  if (learning.running) {
    const { done, total } = learning.progress ?? { done: 0, total: 0 };
    return (
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
        <progress
          className="w-16 shrink-0"
          value={total > 0 ? done / total : undefined}
          max={1}
          aria-label="Progress of capturing inputs"
        />
        <span className="min-w-0 truncate text-muted text-xs" role="status">
          capturing inputs
        </span>
        <button type="button" className="btn shrink-0" onClick={() => capturing.cancel()}>
          <Icon name="stop" />
          Cancel <span className="key">Esc</span>
        </button>
      </div>
    );
  }
  // The workers' own words say what is missing: of it, inputs alone can be made here.
  const wantsInputs = unknown && /needs a calibration/.test(problem ?? ahead?.problem ?? "");
  const inputs = wantsInputs && info ? capturesOf(usualChoice, info, held, model.state.a) : null;
  const time = ahead?.plan ? timeOf(ahead.plan, rate === null ? null : work / rate) : null;
  const fewer = asks && ahead?.plan ? fewerWindows(ahead.plan.windows, time ?? slowGuess(work)) : null;
  return (
    <div className="flex min-w-0 flex-1 items-center justify-end gap-2 max-[1199px]:min-w-72">
      {problem ? (
        <span
          role="alert"
          className={`min-w-0 text-xs leading-[15px] ${problem === CANCELLED ? "text-muted" : "text-bad"}`}
        >
          {problem}
        </span>
      ) : plan.why ? (
        <span
          role="status"
          className="min-w-0 truncate text-muted text-xs max-[859px]:whitespace-normal"
          title={plan.why}
        >
          {plan.why}
        </span>
      ) : asks && info ? (
        <span
          role="status"
          className={`line-clamp-2 min-w-0 text-xs leading-[15px] ${ahead?.problem ? "text-bad" : "text-muted"}`}
          title={`What takes over ${ASK_SECONDS} s begins at Run only.`}
        >
          {ahead?.problem ?? (ahead?.plan ? aheadWords(ahead.plan, time) : "Looking ahead…")}
        </span>
      ) : same && run.answer ? (
        <Done answer={run.answer} />
      ) : null}
      {inputs && (
        <button type="button" className="btn shrink-0" onClick={() => void capturing.run(inputs.text, inputs.spec)}>
          Capture inputs
        </button>
      )}
      {fewer !== null && (
        <button
          type="button"
          className="btn shrink-0"
          onClick={() => w.timeline.change((e) => withModel(e, { windows: fewer }))}
        >
          {fewer === 1 ? "1 window" : `${fewer} windows`} instead
        </button>
      )}
      <button
        type="button"
        className={`btn shrink-0 ${same || !planned ? "" : "btn-main"}`}
        disabled={!planned}
        onClick={() => planned && void startRun(w, planned, whole)}
      >
        {same ? "Run again" : "Run"}
      </button>
    </div>
  );
}

/** Seconds of a run: what the workers know of this device, or what was measured of another model. */
const timeOf = (plan: LmPlan, guess: number | null): number | null => plan.seconds ?? guess;

/** What a run comes to, before it begins. */
function aheadWords(
  { windows, windowsInAll, streamed, bytesRead, bytesHeld, device }: LmPlan,
  time: number | null,
): string {
  return [
    `${windows} of ${windowsInAll} windows on ${device === "webgpu" ? "WebGPU" : "WebAssembly"}`,
    time === null ? "it may take minutes" : seconds(time),
    `${formatBytes(bytesRead)} read, ${formatBytes(bytesHeld)} held${streamed ? ": it passes layer by layer" : ""}`,
  ].join("; ");
}

/** What ran, on what, and of what text. */
function Done({ answer: { plan, about, seconds: took } }: { answer: LmAnswer }) {
  const words = `${plan.windows} of ${plan.windowsInAll} windows · ${about}, ${took.toFixed(1)} s${plan.streamed ? ", layer by layer" : ""} · ${plan.text}`;
  return (
    <span role="status" className="min-w-0 truncate text-muted text-xs max-[859px]:whitespace-normal" title={words}>
      {words}
    </span>
  );
}
