/** The table of tensors with its selection: a pattern or what was brushed on the map, pinned to a recipe from here. */
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { KEEP } from "../../../../kernels/notation/index.ts";
import { formatCount } from "../../../charts/numbers.ts";
import { printSorting, recipeOf, type TableOf } from "./columns.ts";
import { parsePins, printPins } from "./limits/limits.ts";
import type { MixState } from "./state.ts";
import { TensorTable } from "./TensorTable.tsx";
import type { MixOnScreen } from "./useMix.ts";
import { MANY, useResting } from "./useResting.ts";

interface Props {
  screen: MixOnScreen;
  onChange(some: Partial<MixState>, merge?: string): void;
  onMark(tensor: number): void;
  onOpen(tensor: number, side: "a" | "b"): void;
}

const NO_CHOICES: readonly string[] = [];

export function TensorPane({ screen, onChange, onMark, onOpen }: Props) {
  const { mix, selected, flags, marked, limits } = screen;
  const { state, tensors, table, assigned } = mix;
  // The slider moves on while half a million rows are put in order.
  const settled = useDeferredValue(useResting(assigned, tensors && tensors.count > MANY ? 150 : 0));
  const of = useMemo<TableOf | null>(
    () => tensors && { tensors, assigned: settled, choices: table?.choices ?? NO_CHOICES },
    [tensors, settled, table],
  );
  const [typed, setTyped] = useState<string | null>(null);
  // What the map or undo selects goes before what was typed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: forgotten when the selection changes
  useEffect(() => setTyped(null), [state.chosen]);
  const commit = () => {
    if (typed !== null) onChange({ chosen: typed.trim() });
    setTyped(null);
  };
  const pins = parsePins(state.pins);
  const own = state.chosen.trim();
  const pinned = pins.find(({ selection }) => selection === own);
  const pin = (recipe: string) => {
    const others = pins.filter(({ selection }) => selection !== own);
    // What was pinned last goes first: the first that means a tensor holds.
    onChange({ pins: printPins(recipe === "" ? others : [{ selection: own, recipe }, ...others]) });
  };
  const shown = selected && selected.count > 0 ? selected.mask : null;
  const problems = [
    ...(selected?.problem ? [`${selected.problem}.`] : []),
    ...(limits?.problems ?? []),
    ...(screen.cacheProblem ? [screen.cacheProblem] : []),
  ];
  return (
    <div className="flex h-full min-h-0 flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <input
          type="text"
          id="mix-select"
          aria-label="Select tensors by patterns of their names"
          placeholder="select: *down_proj*, @0-3:q_proj+k_proj"
          className="field min-h-6 w-64 min-w-0 font-mono text-xs pointer-coarse:min-h-11 pointer-coarse:text-base max-[859px]:w-full"
          spellCheck={false}
          value={typed ?? state.chosen}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit();
            else if (event.key === "Escape" && typed !== null) {
              event.preventDefault();
              event.stopPropagation();
              setTyped(null);
            }
          }}
        />
        {own !== "" && (
          <>
            <span role="status" className="text-muted text-xs">
              {selected ? `${formatCount(selected.count)} of ${formatCount(tensors?.count ?? 0)}` : ""}
            </span>
            <select
              aria-label="Pin the selection to a recipe"
              className="field min-h-6 max-w-40 text-xs pointer-coarse:min-h-11"
              value={pinned?.recipe ?? ""}
              disabled={!selected || selected.count === 0}
              onChange={(event) => pin(event.currentTarget.value)}
            >
              <option value="">{pinned ? "unpin" : "pin to…"}</option>
              {(table?.choices ?? NO_CHOICES).map((recipe) => (
                <option key={recipe} value={recipe}>
                  {recipe === KEEP ? "keep as stored" : recipe}
                </option>
              ))}
            </select>
            <button
              type="button"
              className="btn min-h-6 px-2 text-xs pointer-coarse:min-h-11"
              onClick={() => onChange({ chosen: "" })}
            >
              Clear
            </button>
          </>
        )}
        {marked !== null && of && own === "" && (
          <span className="min-w-0 truncate text-muted text-xs">
            {recipeOf(of, marked) && (
              <button
                type="button"
                className="cursor-pointer underline"
                onClick={() => onChange({ chosen: tensors?.names[marked] ?? "" })}
              >
                Select the marked tensor
              </button>
            )}
          </span>
        )}
        {problems.length > 0 && (
          <span role="alert" className="min-w-0 basis-full text-bad text-xs" title={problems.join(" ")}>
            {problems[0]}
            {problems.length > 1 && ` (and ${problems.length - 1} more)`}
          </span>
        )}
      </div>
      <div className="min-h-0 flex-1">
        {of && (
          <TensorTable
            {...{ of, table, shown, flags, marked, onMark, onOpen }}
            sort={state.sort}
            onSort={(sorting) => onChange({ sort: printSorting(sorting) })}
          />
        )}
      </div>
    </div>
  );
}
