/** What is known of the inputs: captured of the model itself, used everywhere at once, saved; and its twin with outliers. */
import { useEffect, useState } from "react";
import { printable } from "../../../kernels/text/printable.ts";
import { formatBytes } from "../../../workers/bytes/format-bytes.ts";
import type { CaptureAnswer } from "../../../workers/capture/request.ts";
import { printTwin, usualTwin } from "../../../workers/models/twin-spec.ts";
import { capturingOf } from "../../captures/capturing.ts";
import { fileName } from "../../export/fileName.ts";
import { download } from "../../files/download.ts";
import { withCalibration, withTwin } from "../../state/experiment.ts";
import { messageOf, notify } from "../../state/notices.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { type CaptureChoice, capturesOf, fileNamed, usualChoice } from "./capture.ts";
import { NumberField } from "./NumberField.tsx";
import { lmStoreOf } from "./store.ts";
import { textsOf } from "./texts.ts";
import type { ModelInView } from "./useModel.ts";

/** Lets Escape end a capture as it ends a run. */
export function useCaptureCancel(): void {
  const w = useWorkbench();
  const capturing = capturingOf(w);
  const running = useStoreOf(capturing.store, (s) => s.running);
  useEffect(() => {
    if (!running) return;
    lmStoreOf(w).setState({ capturing: () => capturing.cancel() });
    return () => lmStoreOf(w).setState({ capturing: null });
  }, [w, capturing, running]);
}

export function InputsPane({ model }: { model: ModelInView }) {
  const w = useWorkbench();
  const [choice, choose] = useState<CaptureChoice>(usualChoice);
  const capturing = capturingOf(w);
  const { running, plan, progress } = useStoreOf(capturing.store, (s) => s);
  const calibration = useStoreOf(w.calibration.store, (s) => s);
  const source = useExperiment((e) => e.source);
  const held = useStoreOf(textsOf(w), (s) => s);
  const { info, state } = model;
  if (!info) return null;
  const asked = info.problems.length > 0 ? null : capturesOf(choice, info, held, state.a);
  const named = calibration.ref?.kind === "captured" ? calibration.ref : null;
  const made = named && capturing.answerOf(named.text);
  const twin = "twin" in source && source.twin !== undefined;
  const again = async () => {
    try {
      if (named) await capturing.again(named, await fileNamed(named.text, held));
    } catch (error) {
      notify(messageOf(error), "error");
    }
  };
  const count = (key: "windows" | "tokens" | "seed", name: string, least: number) => (
    <span className="flex items-center gap-1">
      <span aria-hidden="true" className="label">
        {name}
      </span>
      <NumberField
        name={`${name} of the capture`}
        value={choice[key]}
        least={least}
        onCommit={(value) => choose({ ...choice, [key]: value })}
      />
    </span>
  );
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Inputs of the model"
      className="flex h-full min-h-0 flex-col gap-2 overflow-auto text-xs"
    >
      <p className="m-0 text-muted">
        What each linear layer meets while text runs: solvers such as gptq and awq choose by it.
      </p>
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <label className="flex items-center gap-1">
          <span className="label">text</span>
          <select
            className="field text-xs"
            value={choice.part}
            onChange={(event) => choose({ ...choice, part: event.currentTarget.value as CaptureChoice["part"] })}
          >
            <option value="calibrate">calibration text</option>
            <option value="judge">held-out text, which judges</option>
          </select>
        </label>
        {count("windows", "windows", 1)}
        {count("tokens", "tokens a window", 2)}
        {count("seed", "seed", 0)}
        <label className="flex min-h-6 items-center gap-1.5 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={choice.sequential}
            disabled={state.a === ""}
            onChange={(event) => choose({ ...choice, sequential: event.currentTarget.checked })}
          />
          behind layers quantized by A
        </label>
        <label className="flex min-h-6 items-center gap-1.5 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={choice.attention}
            onChange={(event) => choose({ ...choice, attention: event.currentTarget.checked })}
          />
          with queries, keys and values
        </label>
      </div>
      {choice.part === "judge" && (
        <p className="m-0 text-warn">The same text judges: its figures would be better than those on other text.</p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {running ? (
          <>
            <progress
              className="w-24"
              value={progress && progress.total > 0 ? progress.done / progress.total : undefined}
              max={1}
              aria-label="Progress of the capture"
            />
            <span role="status" className="text-muted">
              {plan
                ? `${plan.tokens.toLocaleString("en")} tokens, ${plan.inputs} inputs, about ${formatBytes(plan.bytes)}`
                : "planning"}
            </span>
            <button type="button" className="btn" onClick={() => capturing.cancel()}>
              <Icon name="stop" />
              Cancel <span className="key">Esc</span>
            </button>
          </>
        ) : (
          <button
            type="button"
            className={`btn ${made ? "" : "btn-main"}`}
            disabled={!asked}
            onClick={() => asked && void capturing.run(asked.text, asked.spec)}
          >
            Capture inputs for here and the Bench
          </button>
        )}
      </div>
      <p className="m-0" data-known-inputs={calibration.status}>
        <span className="label">in use here, on the Bench and in sweeps: </span>
        {calibration.status === "none" && "nothing is known of the inputs"}
        {calibration.status === "opening" && "opening…"}
        {calibration.status === "open" && calibration.info && printable(calibration.info.label)}
        {calibration.status === "failed" && <span className="text-bad">{calibration.problem}</span>}
        {calibration.status === "asked" && "what the link names is not at hand"}
        {named && calibration.status === "asked" && !running && (
          <button type="button" className="btn ml-2" onClick={() => void again()}>
            Capture it again
          </button>
        )}
        {calibration.status !== "none" && (
          <button
            type="button"
            className="btn btn-quiet ml-2"
            onClick={() => w.timeline.change((e) => withCalibration(e, null))}
          >
            Use nothing
          </button>
        )}
      </p>
      {made && <Made answer={made} />}
      <label className="flex min-h-6 items-center gap-1.5 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          checked={twin}
          onChange={(event) => {
            const to = event.currentTarget.checked ? printTwin(usualTwin) : null;
            w.timeline.change((e) => withTwin(e, to));
          }}
        />
        The model's twin with outlier channels: the same function, and what smoothing and rotations are for
      </label>
    </section>
  );
}

/** What was captured on this page, and as what it can be saved. */
function Made({ answer }: { answer: CaptureAnswer }) {
  const { inputs, weights, tokens, digest, about, seconds, name, file, imatrix } = answer;
  return (
    <div className="flex flex-col gap-1.5" data-captured={digest}>
      <p className="m-0">
        Captured {inputs} inputs of {weights} weights over {tokens.toLocaleString("en")} tokens,{" "}
        {formatBytes(file.size)},{" "}
        <span title={`SHA-256 of what was captured: ${digest}`}>digest {digest.slice(0, 12)}</span>; {about},{" "}
        {seconds.toFixed(1)} s.
      </p>
      <div className="flex flex-wrap gap-2">
        <button
          type="button"
          className="btn"
          onClick={() =>
            download(file, `${fileName(name.replace(/\.safetensors$/, ""))}.safetensors`, "application/octet-stream")
          }
        >
          <Icon name="download" />
          Save as safetensors
        </button>
        {imatrix && (
          <button
            type="button"
            className="btn"
            onClick={() => download(imatrix, "imatrix.gguf", "application/octet-stream")}
          >
            <Icon name="download" />
            Save as imatrix
          </button>
        )}
      </div>
    </div>
  );
}
