/** Times of products on this device by shape and width, and the choice by loss and time at once. */
import { useState } from "react";
import { LOSS_AND_TIME, weighedScores } from "../../../../../workers/latency/scores.ts";
import type { LatencyRequest, Timing } from "../../../../../workers/latency/types.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";
import { DataTable } from "../../../../charts/DataTable.tsx";
import { formatNumber } from "../../../../charts/numbers.ts";
import { messageOf } from "../../../../state/notices.ts";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import type { MixInView } from "../panel.ts";
import { withMix } from "../state.ts";
import { UnderWay } from "../UnderWay.tsx";
import { addSignal } from "../withSignal.ts";
import { latencyOf, timeProducts } from "./store.ts";

export function LatencyPanel({ mix: { scores, state } }: { mix: MixInView }) {
  const w = useWorkbench();
  const { answer, progress, job, problem } = useStoreOf(latencyOf(w), (s) => s);
  const [machine, setMachine] = useState<LatencyRequest["machine"]>(null);
  if (!scores || scores.recipes.length === 0)
    return <p className="m-0 text-muted text-xs">There are no scores yet: what is timed follows from their recipes.</p>;
  return (
    <div className="flex flex-col gap-2 text-xs">
      <p className="m-0 text-muted">
        Product of one token with each shape of matrix, packed at the bits that the recipes store and unpacked on the
        way. These are times of your own device, not of a server's.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <label className="inline-flex items-center gap-1">
          <span className="label">on</span>
          <select
            className="field"
            value={machine ?? ""}
            onChange={(event) => setMachine((event.currentTarget.value || null) as LatencyRequest["machine"])}
          >
            <option value="">the GPU, where there is one</option>
            <option value="webgpu">WebGPU</option>
            <option value="wasm">the processor</option>
          </select>
        </label>
        {job ? (
          <UnderWay label="Progress of timing" progress={progress} job={job} />
        ) : (
          <button type="button" className="btn" onClick={() => void timeProducts(w, scores, machine)}>
            {answer ? "Time again" : "Time on this device"}
          </button>
        )}
      </div>
      {problem && (
        <p role="status" className="m-0 text-bad">
          {problem}
        </p>
      )}
      {answer && (
        <>
          <p role="status" className="m-0" data-latency>
            {answer.about}
          </p>
          {answer.failed.map(({ rows, cols, width, why }) => (
            <p key={`${rows} ${cols} ${width}`} className="m-0 text-warn">
              {rows} × {cols} at {width} bits was not timed: {why}.
            </p>
          ))}
          <Weighed scores={scores} signal={state.signal} />
          <div className="h-60">
            <DataTable data={tableOf(answer.timings)} />
          </div>
        </>
      )}
    </div>
  );
}

/** alpha, and the signal that it weighs. */
function Weighed({ scores, signal }: { scores: ScoreFile; signal: string }) {
  const w = useWorkbench();
  const answer = useStoreOf(latencyOf(w), (s) => s.answer);
  const [alpha, setAlpha] = useState(0.5);
  const [said, say] = useState<string | null>(null);
  // What was chosen by both is not weighed again, and a signal that is not there yet not at all.
  const known = Object.hasOwn(scores.signals, signal) && signal !== LOSS_AND_TIME && signal !== "latency";
  const of = known ? signal : "nmse";
  const choose = () => {
    if (!answer) return;
    try {
      addSignal(w, scores, LOSS_AND_TIME, weighedScores(scores, of, answer, alpha));
      w.timeline.change((e) => withMix(e, { signal: LOSS_AND_TIME }));
      say(null);
    } catch (error) {
      say(messageOf(error));
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <label className="inline-flex items-center gap-2">
        <span className="label">α</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={alpha}
          aria-valuetext={`${Math.round(100 * alpha)} % loss, ${Math.round(100 * (1 - alpha))} % time`}
          onChange={(event) => setAlpha(Number(event.currentTarget.value))}
        />
        <span className="w-9 text-right">{alpha.toFixed(2)}</span>
      </label>
      <button type="button" className="btn" onClick={choose}>
        Choose by {Math.round(100 * alpha)} % {of} and {Math.round(100 * (1 - alpha))} % time
      </button>
      {said && (
        <span role="status" className="text-bad">
          {said}
        </span>
      )}
    </div>
  );
}

const tableOf = (timings: readonly Timing[]) => ({
  caption: "Milliseconds of one product on this device",
  columns: [
    "rows",
    "columns",
    "bits",
    "median (ms)",
    "lower quartile",
    "upper quartile",
    "products a run",
    "rows timed",
  ],
  rows: timings.map((one) => [
    ...[one.rows, one.cols, one.width, formatNumber(one.median), formatNumber(one.lower), formatNumber(one.upper)],
    ...[one.products, one.rowsTimed],
  ]),
});
