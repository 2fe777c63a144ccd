/** Which tensors a sweep is over: the one of the Bench, or several by filter and check. */

import { useMemo, useRef, useState } from "react";
import { printable } from "../../../kernels/text/printable.ts";
import type { SourceInfo } from "../../../workers/sources/info.ts";
import { SMALL } from "../../../workers/tensors/small.ts";
import { buildTree, visibleRows } from "../../tensors/tree.ts";
import { Icon } from "../../widgets/icons.tsx";
import { useFixedRows } from "../../widgets/useFixedRows.ts";
import { useCoarsePointer } from "../../widgets/useMedia.ts";
import { ALL, namesAsked } from "./run.ts";

interface Props {
  info: SourceInfo;
  /** The tensor of the Bench. */
  current: string | null;
  chosen: readonly string[];
  missing: readonly string[];
  /** Norms, biases and one-dimensional tensors among those chosen that are left out. */
  small: readonly string[];
  /** Whether they are taken in. */
  withSmall: boolean;
  onSmall: (taken: boolean) => void;
  onChange: (names: string[]) => void;
}

/** Names that are listed of those that are missing. */
const NAMED = 8;

export function TensorPicker({ info, current, chosen, missing, small, withSmall, onSmall, onChange }: Props) {
  const several = chosen.length > 0;
  const names = useMemo(() => namesAsked({ tensors: [...chosen] }, null, info), [chosen, info]);
  const radio = "flex min-h-[22px] min-w-0 items-center gap-1.5 pointer-coarse:min-h-11";
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className="mb-1 p-0 font-semibold text-xs">Tensors</legend>
      <label className={radio}>
        <input type="radio" name="sweep-tensors" checked={!several} onChange={() => onChange([])} />
        <span className="min-w-0 truncate">
          that of the Bench{current === null ? "" : ": "}
          <span className="font-mono text-xs">{current}</span>
        </span>
      </label>
      <label className={radio}>
        <input
          type="radio"
          name="sweep-tensors"
          checked={several}
          disabled={current === null}
          onChange={() => current !== null && onChange([current])}
        />
        <span>
          {several ? `${names.length.toLocaleString("en")} of ${info.tensors.length.toLocaleString("en")}` : "several"}
        </span>
      </label>
      {missing.length > 0 && (
        <p role="status" className="m-0 text-warn text-xs">
          Left out, since this source cannot give {missing.length === 1 ? "it" : "them"}:{" "}
          {missing.slice(0, NAMED).join(", ")}
          {missing.length > NAMED && ` and ${(missing.length - NAMED).toLocaleString("en")} more`}
        </p>
      )}
      {several && <Checklist info={info} chosen={names} onChange={onChange} />}
      {several && (
        <label className="mt-1 flex min-h-[22px] min-w-0 items-center gap-1.5 pointer-coarse:min-h-11">
          <input type="checkbox" checked={withSmall} onChange={(event) => onSmall(event.currentTarget.checked)} />
          <span className="text-xs">
            also {SMALL}
            {small.length > 0 && <span className="text-muted"> ({small.length.toLocaleString("en")} left out)</span>}
          </span>
        </label>
      )}
    </fieldset>
  );
}

function Checklist({ info, chosen, onChange }: Pick<Props, "info" | "chosen" | "onChange">) {
  const [filter, setFilter] = useState("");
  const coarse = useCoarsePointer();
  const scroller = useRef<HTMLDivElement>(null);
  const tree = useMemo(() => buildTree(info.tensors), [info]);
  // All groups are open: in the order of the tree, every tensor that matches.
  const rows = useMemo(
    () => visibleRows(tree, allGroups(info), filter).flatMap((row) => (row.kind === "tensor" ? [row.tensor] : [])),
    [tree, info, filter],
  );
  const list = useFixedRows(scroller, { count: rows.length, height: coarse ? 44 : 22, overscan: 4 });
  const set = new Set(chosen);
  const usable = rows.filter((t) => !t.problem && t.elements > 0);
  const all = usable.length > 0 && usable.every((t) => set.has(t.name));
  const order = (names: ReadonlySet<string>) => info.tensors.flatMap((t) => (names.has(t.name) ? [t.name] : []));
  const able = useMemo(() => info.tensors.filter((t) => !t.problem && t.elements > 0).length, [info]);
  const toggle = (names: readonly string[], on: boolean) => {
    const next = new Set(set);
    for (const name of names) on ? next.add(name) : next.delete(name);
    // All are one word, which a link has room for.
    if (next.size > 0) onChange(next.size === able && able > 1 ? [ALL] : order(next));
  };
  return (
    <div className="mt-1 flex flex-col rounded border border-line">
      <div className="flex items-center gap-1 border-line border-b p-1">
        <input
          type="search"
          className="field min-w-0 flex-1 border-transparent text-xs"
          placeholder="Filter"
          aria-label="Filter tensors to sweep over"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <button
          type="button"
          className="btn btn-quiet text-xs"
          disabled={usable.length === 0}
          onClick={() =>
            toggle(
              usable.map((t) => t.name),
              !all,
            )
          }
        >
          {all ? "Uncheck" : "Check"} {usable.length === info.tensors.length ? "all" : usable.length}
        </button>
      </div>
      <div ref={scroller} className="h-36 overflow-auto">
        <div className="relative" style={{ height: list.total }}>
          {list.items.map(({ index, start, size }) => {
            const tensor = rows[index];
            const on = set.has(tensor.name);
            const unusable = tensor.problem ?? (tensor.elements === 0 ? "It has no elements." : undefined);
            return (
              <label
                key={tensor.name}
                className="absolute inset-x-0 flex items-center gap-1.5 px-1.5 text-xs hover:bg-grid"
                style={{ top: start, height: size }}
                title={[tensor.name, unusable, tensor.warning]
                  .flatMap((text) => (text ? [printable(text)] : []))
                  .join("\n")}
              >
                <input
                  type="checkbox"
                  checked={on}
                  disabled={unusable !== undefined || (on && set.size === 1)}
                  onChange={() => toggle([tensor.name], !on)}
                />
                <span className="min-w-0 flex-1 truncate font-mono">{printable(tensor.name)}</span>
                {tensor.warning && <Icon name="warning" className="shrink-0 text-warn" />}
                <span className="shrink-0 text-muted">{tensor.shape.join("×") || "scalar"}</span>
              </label>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Every path above a tensor. */
function allGroups(info: SourceInfo): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const { name } of info.tensors) {
    const parts = name.split(/[./]/);
    for (let i = 1; i < parts.length; i++) groups.add(parts.slice(0, i).join("."));
  }
  return groups;
}
