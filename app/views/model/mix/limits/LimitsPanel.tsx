/** What the assignment must keep to: pins, layers that stay as they are, bits at least by role. */
import { useState } from "react";
import { forbidsOf, runtimes } from "../../../../../kernels/allocation/runtimes/index.ts";
import type { AllocationItem } from "../../../../../kernels/allocation/types.ts";
import { formatBytes } from "../../../../../workers/bytes/format-bytes.ts";
import { formatCount } from "../../../../charts/numbers.ts";
import { useWorkbench } from "../../../../state/workbench.ts";
import { Icon } from "../../../../widgets/icons.tsx";
import { NumberField } from "../../NumberField.tsx";
import type { MixInView } from "../panel.ts";
import { selectedBy } from "../selection.ts";
import { type MixState, withMix } from "../state.ts";
import { parseLeast, parsePins, printLeast, printPins } from "./limits.ts";

const NONE: readonly string[] = [];
const PLAIN: AllocationItem = {
  ...{ name: "weight", kind: "weight", elements: 1, layer: 0, role: "q_proj", tie: null, storedBits: 16 },
};

export function LimitsPanel({ mix }: { mix: MixInView }) {
  const w = useWorkbench();
  const { state, tensors, frontier } = mix;
  const change = (some: Partial<MixState>, merge?: string) => w.timeline.change((e) => withMix(e, some), { merge });
  const pins = parsePins(state.pins);
  const least = parseLeast(state.least);
  const [role, setRole] = useState("");
  const roles = tensors?.roles.filter((name) => !least.some((bound) => bound.role === name)) ?? [];
  const chosen = roles.includes(role) ? role : (roles[0] ?? "");
  const left = frontier?.left ?? [];
  const recipes = mix.scores?.recipes ?? NONE;
  const runtime = runtimes.find(({ name }) => name === state.runtime);
  // A weight of a layer, which engines leave alone for no other reason.
  const forbids = runtime && forbidsOf(runtime, { items: [PLAIN], choices: recipes });
  const refused = recipes.flatMap((recipe, c) => {
    const why = forbids?.(0, c) ?? null;
    return why === null ? [] : [{ recipe, why }];
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <label className="inline-flex items-center gap-1.5">
          <span className="font-semibold text-xs">Runtime</span>
          <select
            className="field text-xs"
            value={state.runtime}
            onChange={(event) => change({ runtime: event.currentTarget.value })}
          >
            <option value="">any: every recipe, every tensor by itself</option>
            {runtimes.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            {state.runtime !== "" && !runtime && <option value={state.runtime}>{state.runtime}: not known here</option>}
          </select>
        </label>
        {runtime && <p className="m-0 basis-full text-muted text-xs">{runtime.says}</p>}
        {refused.length > 0 && (
          <p className="m-0 basis-full text-xs">
            {formatCount(refused.length)} of {formatCount(recipes.length)} recipes are nothing that it runs:{" "}
            <span className="font-mono text-muted" title={refused.map((one) => `${one.recipe}: ${one.why}`).join("\n")}>
              {refused.map((one) => one.recipe).join(", ")}
            </span>
          </p>
        )}
      </div>
      <div>
        <h4 className="m-0 mb-1 font-semibold text-xs">Pins</h4>
        {pins.length === 0 ? (
          <p className="m-0 text-muted text-xs">
            None. Select tensors on the map or by a pattern, then pin them to a recipe over the table.
          </p>
        ) : (
          <ul className="m-0 flex list-none flex-col gap-0.5 p-0">
            {pins.map(({ selection, recipe }, i) => (
              <li key={`${i} ${selection}`} className="flex items-center gap-2 text-xs">
                <span className="min-w-0 truncate font-mono" title={selection}>
                  {selection}
                </span>
                <span className="text-muted">
                  {tensors && `${formatCount(selectedBy(selection, tensors).count)} tensors`}
                </span>
                <span className="ml-auto font-mono">{recipe}</span>
                <button
                  type="button"
                  className="btn btn-quiet min-h-6 px-1"
                  aria-label={`Unpin ${selection}`}
                  title="Unpin"
                  onClick={() => change({ pins: printPins(pins.filter((_, k) => k !== i)) })}
                >
                  <Icon name="close" className="size-3.5" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h4 className="m-0 font-semibold text-xs">Layers kept as stored</h4>
        {(["first", "last"] as const).map((end) => (
          <span key={end} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className="label">
              {end}
            </span>
            <NumberField
              name={`${end === "first" ? "First" : "Last"} layers kept as stored`}
              value={state[end]}
              least={0}
              onCommit={(value) => change({ [end]: value }, `mix ${end}`)}
            />
          </span>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h4 className="m-0 font-semibold text-xs">KV cache in the budget</h4>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="label">
            tokens
          </span>
          <NumberField
            name="Tokens of the KV cache that the budget covers"
            value={state.context}
            least={0}
            onCommit={(context) => change({ context }, "mix context")}
          />
        </span>
        <label className="inline-flex items-center gap-1.5">
          <span className="label">stored as</span>
          <select
            className="field text-xs"
            value={state.cache}
            onChange={(event) => change({ cache: event.currentTarget.value })}
          >
            {[...new Set(["", "q8_0", "e4m3/tensor", "q4_0", state.cache])].map((recipe) => (
              <option key={recipe} value={recipe}>
                {recipe === "" ? "f16" : recipe}
              </option>
            ))}
          </select>
        </label>
        {mix.size && mix.size.cacheBits > 0 && (
          <span className="text-muted text-xs">{formatBytes(mix.size.cacheBits / 8)} of every budget</span>
        )}
      </div>
      <div>
        <h4 className="m-0 mb-1 font-semibold text-xs">Bits at least, by role</h4>
        <ul className="m-0 flex list-none flex-col gap-0.5 p-0">
          {least.map(({ role: name, bits }) => (
            <li key={name} className="flex items-center gap-2 text-xs">
              <span className="min-w-24">{name}</span>
              <BitsField
                name={`Bits at least of ${name}`}
                value={bits}
                onCommit={(value) =>
                  change({
                    least: printLeast(least.map((one) => (one.role === name ? { role: name, bits: value } : one))),
                  })
                }
              />
              <button
                type="button"
                className="btn btn-quiet min-h-6 px-1"
                aria-label={`No bound for ${name}`}
                title="No bound"
                onClick={() => change({ least: printLeast(least.filter((one) => one.role !== name)) })}
              >
                <Icon name="close" className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
        {chosen !== "" && (
          <span className="mt-1 inline-flex items-center gap-1.5">
            <select
              aria-label="Role to bound"
              className="field text-xs"
              value={chosen}
              onChange={(event) => setRole(event.currentTarget.value)}
            >
              {roles.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <button
              type="button"
              className="btn text-xs"
              onClick={() => change({ least: printLeast([...least, { role: chosen, bits: 4 }]) })}
            >
              at least 4 bits
            </button>
          </span>
        )}
      </div>
      {left.length > 0 && tensors && (
        <ul aria-label="Tensors that nothing can be chosen for" className="m-0 list-none p-0 text-xs">
          {left.map(({ items, why }) => (
            <li key={why}>
              {formatCount(items.length)} stay as they are: {why}
              <span className="text-muted">
                {" "}
                (
                {items
                  .slice(0, 3)
                  .map((i) => tensors.names[i])
                  .join(", ")}
                {items.length > 3 && " …"})
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Bits, which need not be whole: scales count. */
function BitsField({ name, value, onCommit }: { name: string; value: number; onCommit(value: number): void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    const next = Number(typed);
    if (typed !== null && typed.trim() !== "" && Number.isFinite(next) && next >= 0) onCommit(next);
    setTyped(null);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      aria-label={name}
      className="field w-14 text-right text-xs"
      value={typed ?? String(value)}
      onChange={(event) => setTyped(event.currentTarget.value.replace(",", "."))}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
  );
}
