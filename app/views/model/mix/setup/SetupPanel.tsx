/** What is scored: recipes as text, tensors beside matrices, the share of rows, signals to look at beside the one that is added up. */
import { useCallback, useState } from "react";
import { formatBytes } from "../../../../../workers/bytes/format-bytes.ts";
import { formatCount } from "../../../../charts/numbers.ts";
import { readDefinitions } from "../../../../controls/definitions.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import { GridText } from "../../../sweep/GridText.tsx";
import { planWords, usePlan } from "../../../sweep/plan.ts";
import { NumberField } from "../../NumberField.tsx";
import type { MixInView } from "../panel.ts";
import { gridPresets } from "../presets.ts";
import { needWords, tensorSignals } from "../signals.ts";
import { type Kind, type MixState, withMix } from "../state.ts";
import { mixStoreOf } from "../store.ts";

const SHARES = [0, 5, 10, 20, 50, 100, 250, 1000];

const KINDS: readonly { kind: Kind; label: string }[] = [
  { kind: "embeddings", label: "embeddings" },
  { kind: "head", label: "head" },
  { kind: "small", label: "norms and biases" },
  { kind: "experts", label: "each expert of a stack" },
];

export function SetupPanel({ mix }: { mix: MixInView }) {
  const w = useWorkbench();
  const { state, scores } = mix;
  const definitionTexts = useExperiment((e) => e.definitions);
  const { definitions } = readDefinitions(definitionTexts);
  const planned = usePlan(state.grid, definitions);
  const plan = useStoreOf(mixStoreOf(w), (s) => s.plan?.plan ?? null);
  const calibrated = useStoreOf(w.calibration.store, (s) => s.status === "open");
  const [unread, setUnread] = useState(false);
  const change = useCallback(
    (some: Partial<MixState>, merge?: string) => w.timeline.change((e) => withMix(e, some), { merge }),
    [w],
  );
  const onText = useCallback((grid: string) => change({ grid }, "mix grid"), [change]);
  const toggle = <T,>(list: readonly T[], one: T): T[] =>
    list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
  const preset = gridPresets.find(({ grid }) => grid === state.grid);
  const notes = [...new Set([...(plan?.notes ?? []), ...(scores?.notes ?? [])])];
  return (
    <div className="flex flex-col gap-2.5">
      <label className="flex items-center gap-2">
        <span className="font-semibold">Recipes</span>
        <select
          className="field min-w-0 flex-1"
          aria-label="Grids to begin with"
          value={preset?.label ?? ""}
          onChange={(event) => {
            const chosen = gridPresets.find(({ label }) => label === event.currentTarget.value);
            if (chosen) change({ grid: chosen.grid });
          }}
        >
          {!preset && <option value="">a grid of your own</option>}
          {gridPresets.map(({ label, words }) => (
            <option key={label} value={label}>
              {label}: {words}
            </option>
          ))}
        </select>
      </label>
      <GridText
        value={state.grid}
        definitions={definitions}
        problem={planned.mistake && !unread ? planned.mistake.message : null}
        onChange={onText}
        onRun={() => {}}
        onDraft={setUnread}
      />
      <p role="status" className="-mt-2 m-0 text-muted text-xs">
        {planned.plan && !unread ? planWords(planned.plan, 1) : unread ? "The grid cannot be read." : "Counting…"}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <label className="inline-flex items-center gap-1.5">
          <span className="label">rows read</span>
          <select
            className="field text-xs"
            value={state.share}
            onChange={(event) => change({ share: Number(event.currentTarget.value) })}
          >
            {[...new Set([...SHARES, state.share])].map((share) => (
              <option key={share} value={share}>
                {share === 0 ? "all, 2 % of a large model" : share === 1000 ? "all" : `${share / 10} %`}
              </option>
            ))}
          </select>
        </label>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="label">
            seed
          </span>
          <NumberField
            name="Seed of the rows"
            value={state.seed}
            least={0}
            onCommit={(seed) => change({ seed }, "mix seed")}
          />
        </span>
        {plan && (
          <span className="text-muted text-xs">
            {formatBytes(plan.bytesRead)} of {formatBytes(plan.bytesInAll)}
          </span>
        )}
      </div>
      <fieldset className="m-0 flex flex-wrap items-center gap-x-3 gap-y-1 border-0 p-0">
        <legend className="label float-left mr-1">beside matrices</legend>
        {KINDS.map(({ kind, label }) => (
          <label key={kind} className="inline-flex items-center gap-1 text-xs pointer-coarse:min-h-11">
            <input
              type="checkbox"
              checked={state.kinds.includes(kind)}
              onChange={() => change({ kinds: toggle(state.kinds, kind) })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset className="m-0 flex flex-wrap items-center gap-x-3 gap-y-1 border-0 p-0">
        <legend className="label float-left mr-1">look at as well</legend>
        {tensorSignals.map((signal) => {
          const lacking = needWords(signal, calibrated);
          return (
            <label
              key={signal.name}
              title={lacking ?? signal.says}
              className="inline-flex items-center gap-1 text-xs pointer-coarse:min-h-11"
            >
              <input
                type="checkbox"
                checked={state.also.includes(signal.name)}
                onChange={() => change({ also: toggle(state.also, signal.name) })}
              />
              {signal.title}
            </label>
          );
        })}
      </fieldset>
      {plan && plan.leftOut.length > 0 && (
        <ul aria-label="Tensors that are not scored" className="m-0 list-none p-0 text-muted text-xs">
          {plan.leftOut.map(({ why, names, storedBits }) => (
            <li key={why}>
              {formatCount(names)} left as stored ({formatBytes(storedBits / 8)}): {why}
            </li>
          ))}
        </ul>
      )}
      {notes.length > 0 && (
        <ul aria-label="Notes on the scores" className="m-0 list-none p-0 text-muted text-xs">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
