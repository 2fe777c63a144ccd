/** A tensor or the whole source through a recipe, written as a file: what it will hold is said before it is written. */

import { useId, useState } from "react";
import { printable } from "../../kernels/text/printable.ts";
import type { FilePlan, FloatDtype } from "../../workers/export/request.ts";
import { findTensor, sourceOf } from "../../workers/layouts/address.ts";
import type { Progress } from "../../workers/pace/progress.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import { type FileChoices, fileKinds, requestOf, suggestedName } from "../export/fileChoices.ts";
import { resetSaving, type Saved, save, savingStore, stopSaving } from "../export/saving.ts";
import { useFilePlan } from "../export/useFilePlan.ts";
import { download } from "../files/download.ts";
import { formatSize } from "../state/source.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { takeFocus } from "./focus.ts";

export function ExportForm({ onDone }: { onDone: () => void }) {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => (s.status === "open" ? s.info : null));
  const saving = useStoreOf(savingStore, (s) => s);
  if (!info) return <p className="m-0 text-muted">There is no open source to export from.</p>;
  if (saving.stage === "writing") return <Writing name={saving.name} progress={saving.progress} />;
  if (saving.stage === "saved") return <Finished saved={saving.saved} onDone={onDone} />;
  return <Choices info={info} problem={saving.problem} />;
}

/** The choices outlive the form while its file is written, so that a stopped one can be tried again. */
let last: FileChoices | null = null;

function Choices({ info, problem }: { info: SourceInfo; problem: string | null }) {
  const w = useWorkbench();
  const experiment = useExperiment((e) => e);
  const own = findTensor(info, experiment.tensor) ?? info.tensors[0];
  const tensor = own ? { name: own.name, view: experiment.view ?? own.view } : null;
  const [choices, setChoices] = useState<FileChoices>(() => {
    const first: FileChoices = { tensor, recipe: experiment.a, kind: fileKinds[0], dtype: "F32", keepUnfit: false };
    return last && problem !== null ? last : first;
  });
  const change = (some: Partial<FileChoices>) => {
    resetSaving();
    setChoices((now) => ({ ...now, ...some }));
  };
  const { kind, recipe } = choices;
  const inputs = useStoreOf(w.calibration.store, (s) => s.info);
  const from = choices.tensor ? sourceOf(info, choices.tensor) : info.id;
  const request = requestOf(choices, from, experiment.definitions, inputs?.id);
  const { plan, problem: refused } = useFilePlan(request);
  const whole = choices.tensor === null;
  const id = useId();
  const submit = () => {
    if (!plan) return;
    last = choices;
    void save(w, request, plan, suggestedName(choices, info.label));
  };
  return (
    <form
      className="flex min-h-0 flex-col gap-3 overflow-y-auto"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label className="flex flex-col">
        <span className="label">Tensors</span>
        <select
          ref={takeFocus}
          className="field"
          aria-label="Tensors"
          value={whole ? "all" : "one"}
          onChange={(event) => change({ tensor: event.currentTarget.value === "all" ? null : tensor })}
        >
          {tensor && <option value="one">{printable(tensor.name)}</option>}
          <option value="all" disabled={kind.single && info.tensors.length > 1}>
            All of {info.label} ({info.tensors.length.toLocaleString("en")})
          </option>
        </select>
      </label>
      <div className="flex flex-col">
        <label className="label" htmlFor={`${id}-recipe`}>
          {whole ? "Recipe, or rules such as *norm*=f32;*=int4/64" : "Recipe"}
        </label>
        <div className="flex gap-1">
          <input
            id={`${id}-recipe`}
            className="field flex-1 font-mono"
            value={recipe}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            onChange={(event) => change({ recipe: event.currentTarget.value })}
          />
          {(["a", "b"] as const).map((side) => (
            <button
              key={side}
              type="button"
              className="btn"
              title={`Take recipe ${side.toUpperCase()}: ${experiment[side]}`}
              aria-pressed={recipe === experiment[side]}
              onClick={() => change({ recipe: experiment[side] })}
            >
              {side.toUpperCase()}
            </button>
          ))}
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        <label className="flex min-w-48 flex-1 flex-col">
          <span className="label">File</span>
          <select
            className="field"
            aria-label="File"
            value={kind.id}
            onChange={(event) => {
              const next = fileKinds.find((k) => k.id === event.currentTarget.value)!;
              change({ kind: next, ...(next.single && info.tensors.length > 1 && { tensor }) });
            }}
          >
            {fileKinds.map((k) => (
              <option key={k.id} value={k.id}>
                {k.label}
              </option>
            ))}
          </select>
        </label>
        {kind.dtypes.length > 0 && (
          <label className="flex w-40 flex-col">
            <span className="label">Values as</span>
            <select
              className="field"
              aria-label="Values as"
              value={request.dtype ?? ""}
              onChange={(event) => change({ dtype: event.currentTarget.value as FloatDtype })}
            >
              {kind.dtypes.map((d) => (
                <option key={d} value={d}>
                  {dtypeLabels[d]}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p className="m-0 text-muted text-xs">{kind.hint}</p>
      {inputs && <p className="m-0 text-muted text-xs">Recipes that look at inputs take {printable(inputs.label)}.</p>}
      {whole && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={choices.keepUnfit}
            onChange={(event) => change({ keepUnfit: event.currentTarget.checked })}
          />
          Keep tensors as they are where the recipe or the file does not fit them
        </label>
      )}
      <Outlook plan={plan} refused={refused} problem={problem} />
      <button type="submit" className="btn btn-main self-end" disabled={!plan}>
        Save…
      </button>
    </form>
  );
}

const dtypeLabels: Record<FloatDtype, string> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** From here on the memory that writing takes is worth a word. */
const WORTH_TELLING = 2 ** 29;

interface OutlookProps {
  plan: FilePlan | null;
  refused: string | null;
  problem: string | null;
}

/** What will be written, or why it cannot be. */
function Outlook({ plan, refused, problem }: OutlookProps) {
  const said = problem ?? refused;
  return (
    <div className="flex min-h-16 flex-col gap-1" aria-live="polite">
      {said !== null && (
        <p role="alert" className="m-0 flex gap-2 break-words">
          <Icon name="warning" className="mt-0.5 shrink-0 text-warn" />
          <span className="min-w-0">{said}</span>
        </p>
      )}
      {plan && (
        <p className="m-0">
          {formatSize(plan.bytes)}, {plan.bitsPerWeight.toFixed(3)} bits a weight: {plan.quantized.toLocaleString("en")}{" "}
          {plan.quantized === 1 ? "tensor" : "tensors"} through the recipe, {plan.kept.toLocaleString("en")} as{" "}
          {plan.kept === 1 ? "it is" : "they are"}
          {plan.config !== null && ", and a config.json"}.
          {plan.memory >= WORTH_TELLING && ` Writing takes about ${formatSize(plan.memory)} of memory.`}
        </p>
      )}
      {plan && <Notes notes={plan.notes} />}
      {!plan && said === null && <p className="m-0 text-muted">Looking at what it takes…</p>}
    </div>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className="m-0 max-h-32 list-disc overflow-y-auto pl-5 text-muted text-xs">
      {notes.map((note) => (
        <li key={note} className="break-words">
          {note}
        </li>
      ))}
    </ul>
  );
}

function Writing({ name, progress }: { name: string; progress: Progress | null }) {
  const { done, total, phase } = progress ?? { done: 0, total: 1, phase: "" };
  return (
    <div className="flex flex-col gap-3">
      <p className="m-0 break-words">Writing {name}</p>
      <progress className="w-full" max={total} value={done} aria-label={`Writing ${name}`} />
      <p className="m-0 min-h-10 break-words text-muted">
        {progress && `${formatSize(Math.round(done))} of ${formatSize(total)}. ${phase}`}
      </p>
      <button type="button" className="btn self-end" onClick={stopSaving} ref={(button) => button?.focus()}>
        Stop (Esc)
      </button>
    </div>
  );
}

function Finished({ saved, onDone }: { saved: Saved; onDone: () => void }) {
  const { name, bytes, notes, config } = saved;
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="m-0 break-words">
        Saved {name}, {formatSize(bytes)}.
      </p>
      {config && (
        <p className="m-0">A model folder needs its quantization_config too: merge it into the model's config.json.</p>
      )}
      <Notes notes={notes} />
      <div className="flex justify-end gap-2">
        {config && (
          <button type="button" className="btn" onClick={() => download(config.text, config.name, "application/json")}>
            Save config.json
          </button>
        )}
        <button type="button" className="btn" onClick={resetSaving}>
          Another
        </button>
        <button type="button" className="btn btn-main" onClick={onDone} ref={(button) => button?.focus()}>
          Done
        </button>
      </div>
    </div>
  );
}
