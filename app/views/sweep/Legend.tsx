/** What colours and shapes stand for; each entry shows or hides its points. */
import { useRef } from "react";
import { Button } from "../../charts/Controls.tsx";
import { useRoving } from "../../widgets/useRoving.ts";
import { type Hidden, isHidden, partLabels, type Series } from "./series.ts";
import { type SweepPart, sweepParts } from "./state.ts";
import type { SweepRun } from "./store.ts";

/** Entries that are drawn: a grid may have thousands of blocks. */
const MOST_ENTRIES = 120;
/** Characters of an entry: a codebook may have thousands. */
const MOST_SHOWN = 40;

interface Props {
  run: SweepRun;
  part: SweepPart;
  series: ReadonlyMap<string, Series>;
  hidden: Hidden;
  onPart: (part: SweepPart) => void;
  onToggle: (part: SweepPart, value: string) => void;
  onShowAll: () => void;
}

export function Legend({ run, part, series, hidden, onPart, onToggle, onShowAll }: Props) {
  const varied = sweepParts.filter((key) => key === part || new Set(run.recipes.map((r) => r.parts[key])).size > 1);
  const away = run.recipes.filter((r) => isHidden(hidden, r)).length;
  const entries = [...series.values()].slice(0, MOST_ENTRIES);
  const roving = useRoving(entries.length);
  const toolbar = useRef<HTMLDivElement>(null);
  const showAll = () => {
    // The button goes with what it did.
    toolbar.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    onShowAll();
  };
  return (
    <div className="flex flex-wrap items-center gap-1 pb-1">
      <label className="flex items-center gap-1 text-muted text-xs">
        by
        <select
          className="field min-h-6 pointer-coarse:min-h-11 text-xs"
          aria-label="Colour, shape and filter by"
          value={part}
          onChange={(event) => onPart(event.currentTarget.value as SweepPart)}
        >
          {varied.map((key) => (
            <option key={key} value={key}>
              {partLabels[key].toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      <div
        ref={toolbar}
        role="toolbar"
        className="flex max-h-[76px] min-w-0 flex-wrap gap-0.5 overflow-y-auto pointer-coarse:max-h-[140px]"
        aria-label={`${partLabels[part]}s shown`}
        {...roving.around}
      >
        {entries.map(({ value, colour, path, count }, i) => {
          const on = !hidden.some((one) => one.part === part && one.value === value);
          return (
            <button
              key={value}
              type="button"
              tabIndex={roving.tabIndex(i)}
              aria-pressed={on}
              title={`${value}: ${count} ${count === 1 ? "recipe" : "recipes"}; ${on ? "hide" : "show"}`}
              className={`flex min-h-6 items-center gap-1 rounded px-1 font-mono text-xs hover:bg-grid pointer-coarse:min-h-11 pointer-coarse:min-w-11 ${on ? "" : "text-faint line-through"}`}
              onClick={() => onToggle(part, value)}
            >
              <svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
                <path d={path} fill={on ? `var(${colour})` : "none"} stroke={on ? "none" : "var(--faint)"} />
              </svg>
              {value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN - 1)}…` : value}
            </button>
          );
        })}
      </div>
      {series.size > entries.length && (
        <span className="text-muted text-xs">and {(series.size - entries.length).toLocaleString("en")} more</span>
      )}
      {away > 0 && <Button onClick={showAll}>{`${away} hidden, show all`}</Button>}
    </div>
  );
}
