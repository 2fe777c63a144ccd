/** What to sweep: the grid as text and as sets, the tensors, and what it comes to before it runs. */
import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { SourceProblem } from "../../tensors/SourceProblem.tsx";
import { Icon } from "../../widgets/icons.tsx";
import { ASK_SECONDS, AT_ONCE, costWords, workOf } from "./cost.ts";
import { GridSets } from "./GridSets.tsx";
import { GridText } from "./GridText.tsx";
import { type Planned, planWords } from "./plan.ts";
import { CANCELLED, startSweep, sweptTensors } from "./run.ts";
import { type Sweep, sweepOf, withSweep } from "./state.ts";
import { type SweepRun, sweepStoreOf } from "./store.ts";
import { TensorPicker } from "./TensorPicker.tsx";

interface Props {
  planned: Planned;
  /** What Run would ask for; null where nothing can be asked. */
  next: SweepRun | null;
  /** What that is estimated to take. */
  seconds: number | null;
  definitions: readonly Definition[];
  narrow: boolean;
}

const PHASES = [0, 4, 8, 16];

export function Setup({ planned, next, seconds, definitions, narrow }: Props) {
  const w = useWorkbench();
  const experiment = useExperiment((e) => e);
  const info = useStoreOf(w.source.store, (s) => s.info);
  const [unread, setUnread] = useState(false);
  const { tensor } = experiment;
  const sweep = sweepOf(experiment);
  const { missing, small, tensors } = useMemo(() => sweptTensors(sweep, experiment, info), [sweep, experiment, info]);
  const change = useCallback(
    (part: Partial<Sweep>, merge?: string) => w.timeline.change((e) => withSweep(e, part), { merge }),
    [w],
  );
  const onText = useCallback((grid: string) => change({ grid }, "sweep grid"), [change]);
  const run = () => {
    if (next) void startSweep(w, next);
  };
  const problem = planned.mistake && !unread ? planned.mistake.message : null;
  return (
    <section aria-label="Sweep" className="pane flex h-full min-h-0 flex-col">
      <Folded narrow={narrow}>
        <GridText
          value={sweep.grid}
          definitions={definitions}
          problem={problem}
          onChange={onText}
          onRun={run}
          onDraft={setUnread}
        />
        {planned.grids && !unread ? (
          <GridSets grids={planned.grids} definitions={definitions} onChange={(grid) => change({ grid })} />
        ) : (
          <p className="m-0 text-muted">The lists come back when the text can be read.</p>
        )}
        {info ? (
          <TensorPicker
            info={info}
            current={tensor}
            chosen={sweep.tensors}
            missing={missing}
            small={small}
            withSmall={sweep.small}
            onSmall={(taken) => change({ small: taken })}
            onChange={(tensors) => change({ tensors }, "sweep tensors")}
          />
        ) : (
          <SourceProblem />
        )}
        {tensors.length > 1 && (
          <label className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-semibold text-xs">A step that does not fit a tensor</span>
            <select
              className="field text-xs"
              value={sweep.fallBack ? "less" : "out"}
              onChange={(event) => change({ fallBack: event.currentTarget.value === "less" })}
            >
              <option value="less">is left away for it</option>
              <option value="out">leaves the tensor out</option>
            </select>
            <span className="basis-full text-muted text-xs">
              Beside each figure stands over how many tensors it is; those over fewer than others are on no frontier.
            </span>
          </label>
        )}
        <label className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-semibold text-xs">Phases</span>
          <select
            className="field text-xs"
            value={sweep.phases}
            onChange={(event) => change({ phases: Number(event.currentTarget.value) })}
          >
            {[...new Set([...PHASES, sweep.phases])].map((n) => (
              <option key={n} value={n}>
                {n === 0 ? "as the data is" : `${n} in an octave`}
              </option>
            ))}
          </select>
          <span className="basis-full text-muted text-xs">
            The error of power-of-two scales depends on where the data lies inside an octave; phases show the band.
          </span>
        </label>
      </Folded>
      <RunBar planned={planned} next={next} seconds={seconds} unread={unread} onRun={run} />
    </section>
  );
}

/** On a phone the setup is folded, so that the chart is in sight. */
function Folded({ narrow, children }: { narrow: boolean; children: ReactNode }) {
  if (!narrow) return <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-2.5">{children}</div>;
  return (
    <details>
      <summary className="flex min-h-11 cursor-pointer items-center gap-2 px-3 font-semibold">
        <Icon name="chevron" className="text-muted" />
        Recipes and tensors
      </summary>
      <div className="flex flex-col gap-3 p-2.5">{children}</div>
    </details>
  );
}

function RunBar({
  planned,
  next,
  seconds,
  unread,
  onRun,
}: Pick<Props, "planned" | "next" | "seconds"> & { unread: boolean; onRun: () => void }) {
  const { job, progress, problem, run } = useStoreOf(sweepStoreOf(useWorkbench()), (s) => s);
  const { plan } = planned;
  const tensors = next?.tensors.length ?? 1;
  const skipped = plan && !unread ? plan.skipped : [];
  const part = progress && progress.total > 0 ? progress.done / progress.total : null;
  const same = run?.complete === true && next?.key === run.key;
  return (
    <div className="flex flex-col gap-1.5 border-line border-t p-2.5">
      <div role="status" className="min-h-[18px]">
        {plan && !unread
          ? planWords(plan, tensors)
          : planned.mistake || unread
            ? `The grid cannot be ${planned.grids && !unread ? "run" : "read"}.`
            : "Counting…"}
      </div>
      {next && seconds !== null && workOf(next) > AT_ONCE && !job && !same && !unread && (
        <p className="m-0 text-muted text-xs">
          {costWords(next, seconds)}. {seconds > ASK_SECONDS && `What takes over ${ASK_SECONDS} s begins at Run only.`}
        </p>
      )}
      {skipped.length > 0 && (
        <details className="text-xs">
          <summary className="cursor-pointer text-muted pointer-coarse:min-h-11 pointer-coarse:leading-[44px]">
            Why they make no sense
          </summary>
          <ul className="m-0 max-h-28 overflow-auto pl-4">
            {skipped.map(({ reason, count, example }) => (
              <li key={reason}>
                {count} × {reason}: <code className="break-all font-mono">{example}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
      {job ? (
        <div className="flex items-center gap-2">
          <progress className="min-w-0 flex-1" value={part ?? undefined} max={1} aria-label="Progress of the sweep" />
          <span className="whitespace-nowrap text-muted text-xs">
            {progress ? `${progress.done.toLocaleString("en")} of ${progress.total.toLocaleString("en")}` : "starting"}
          </span>
          <button type="button" className="btn" onClick={() => job.abort()}>
            <Icon name="stop" />
            Cancel <span className="key">Esc</span>
          </button>
        </div>
      ) : (
        <div className="flex items-center gap-2">
          <button
            type="button"
            className={`btn flex-1 ${same ? "" : "btn-main"}`}
            disabled={!next || unread}
            onClick={onRun}
          >
            {same ? "Run again" : "Run"}
          </button>
          {problem && (
            <span role="alert" className={`min-w-0 ${problem === CANCELLED ? "text-muted" : "text-bad"}`}>
              {problem}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
