/** The checkpoint itself, quantized by the mix: what the file will hold is said before it is written. */
import { useState } from "react";
import { printable } from "../../../../../kernels/text/printable.ts";
import { formatBytes } from "../../../../../workers/bytes/format-bytes.ts";
import { type FileChoices, fileKinds, requestOf, suggestedName } from "../../../../export/fileChoices.ts";
import { resetSaving, save, savingStore, stopSaving } from "../../../../export/saving.ts";
import { useFilePlan } from "../../../../export/useFilePlan.ts";
import { download } from "../../../../files/download.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../../../state/workbench.ts";

const kinds = fileKinds.filter(({ single }) => !single);

export function CheckpointExport({ source, label, rules }: { source: string; label: string; rules: string }) {
  const w = useWorkbench();
  const definitions = useExperiment((e) => e.definitions);
  const inputs = useStoreOf(w.calibration.store, (s) => s.info);
  const saving = useStoreOf(savingStore, (s) => s);
  const [kind, setKind] = useState(kinds[0]);
  const [keepUnfit, setKeepUnfit] = useState(false);
  const choices: FileChoices = { tensor: null, recipe: rules, kind, dtype: kind.dtypes[0] ?? "F32", keepUnfit };
  const request = requestOf(choices, source, [...definitions], inputs?.id);
  const { plan, problem } = useFilePlan(request);
  const writing = saving.stage === "writing";
  const start = () => {
    resetSaving();
    // The rules are long; the file is named after what it is.
    if (plan) void save(w, request, plan, suggestedName({ ...choices, recipe: "mix" }, label));
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <label className="flex items-center gap-1">
          <span className="label">file</span>
          <select
            aria-label="Kind of checkpoint"
            className="field text-xs"
            value={kind.id}
            disabled={writing}
            onChange={(event) => setKind(kinds.find(({ id }) => id === event.currentTarget.value)!)}
          >
            {kinds.map(({ id, label: words }) => (
              <option key={id} value={id}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-1 pointer-coarse:min-h-11">
          <input type="checkbox" checked={keepUnfit} onChange={(event) => setKeepUnfit(event.currentTarget.checked)} />
          keep tensors as they are where recipe or file does not fit them
        </label>
      </div>
      <p className="m-0 text-muted">{kind.hint}</p>
      <div aria-live="polite" className="flex flex-col gap-1">
        {problem !== null && <p className="m-0 text-bad">{printable(problem)}</p>}
        {!plan && problem === null && <p className="m-0 text-muted">Looking at what it takes…</p>}
        {plan && (
          <p className="m-0" data-file-plan>
            {formatBytes(plan.bytes)}, {plan.bitsPerWeight.toFixed(3)} bits a weight:{" "}
            {plan.quantized.toLocaleString("en")} tensors through the mix, {plan.kept.toLocaleString("en")} as they are
            {plan.config !== null && "; a config.json has to lie beside it"}.
          </p>
        )}
        {plan && plan.notes.length > 0 && (
          <ul className="m-0 max-h-28 list-disc overflow-y-auto pl-5 text-muted">
            {plan.notes.map((note) => (
              <li key={note}>{printable(note)}</li>
            ))}
          </ul>
        )}
      </div>
      {writing ? (
        <div className="flex items-center gap-2">
          <progress
            className="w-32"
            aria-label={`Writing ${saving.name}`}
            max={saving.progress?.total ?? 1}
            value={saving.progress?.done ?? 0}
          />
          <button type="button" className="btn" onClick={stopSaving}>
            Stop
          </button>
        </div>
      ) : (
        <button type="button" className="btn btn-main self-start" disabled={!plan} onClick={start}>
          Save the checkpoint…
        </button>
      )}
      {saving.stage === "idle" && saving.problem !== null && <p className="m-0 text-bad">{saving.problem}</p>}
      {saving.stage === "saved" && <Done {...saving.saved} />}
    </div>
  );
}

function Done({
  name,
  bytes,
  notes,
  config,
}: Extract<ReturnType<typeof savingStore.getState>, { stage: "saved" }>["saved"]) {
  return (
    <div className="flex flex-col gap-1">
      <p role="status" className="m-0">
        Saved {name}, {formatBytes(bytes)}.
      </p>
      {notes.map((note) => (
        <p key={note} className="m-0 text-muted">
          {printable(note)}
        </p>
      ))}
      {config && (
        <button
          type="button"
          className="btn self-start"
          onClick={() => download(config.text, config.name, "application/json")}
        >
          Save config.json
        </button>
      )}
    </div>
  );
}
