/** The sets of a grid as lists to choose from. Every choice rewrites the grid's text. */
import { useEffect, useId, useMemo, useState } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import type { NotationOptions } from "../../../kernels/notation/index.ts";
import { countRecipes, type Grid, printSweep } from "../../../kernels/sweep/index.ts";
import { NONE } from "../../../kernels/sweep/print.ts";
import { messageOf } from "../../state/notices.ts";
import { useRoving } from "../../widgets/useRoving.ts";
import { type GridSet, kinds, setsOfGrid, toggleItem, withSet } from "./gridEdit.ts";

/** Grids that can be chosen to be edited, and chips of a set that are drawn: a link may bring thousands of either. */
const MOST_GRIDS = 100;
const MOST_EXTRA = 60;
/** Characters of a grid, or of an item, that are shown. */
const MOST_SHOWN = 80;

const shortened = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text);

interface Props {
  grids: readonly Grid[];
  definitions: readonly Definition[];
  onChange: (grid: string) => void;
}

export function GridSets({ grids, definitions, onChange }: Props) {
  const [chosen, choose] = useState(0);
  const options: NotationOptions = useMemo(() => ({ definitions }), [definitions]);
  const at = Math.min(chosen, grids.length - 1);
  const sets = useMemo(() => setsOfGrid(grids[at], options), [grids, at, options]);
  const names = useMemo(
    () =>
      grids.slice(0, MOST_GRIDS).map((grid) => `${shortened(printSweep([grid], options))} (${countRecipes([grid])})`),
    [grids, options],
  );
  const change = (set: GridSet, items: readonly string[]) => {
    const next = withSet(grids[at], set, items, options);
    onChange(printSweep(grids.with(at, next), options));
  };
  return (
    <section aria-label="Sets of the grid" className="flex flex-col gap-2.5">
      {grids.length > 1 && (
        <label className="flex min-w-0 items-center gap-2">
          <span className="shrink-0 text-muted text-xs">Editing</span>
          <select
            className="field min-w-0 flex-1 font-mono text-xs"
            aria-label="Grid to edit"
            value={at}
            onChange={(event) => choose(Number(event.currentTarget.value))}
          >
            {names.map((name, i) => (
              // The grids of a text have no names but their places.
              <option key={i} value={i}>
                {i + 1} of {grids.length}: {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {grids.length > MOST_GRIDS && (
        <p className="m-0 text-muted text-xs">
          The first {MOST_GRIDS} of {grids.length.toLocaleString("en")} grids can be edited here, the others in the
          text.
        </p>
      )}
      {sets.map((set) => (
        <SetOfGrid
          key={`${at} ${set.kind} ${set.index}`}
          set={set}
          definitions={definitions}
          onItems={(items) => change(set, items)}
        />
      ))}
    </section>
  );
}

function SetOfGrid(props: {
  set: GridSet;
  definitions: readonly Definition[];
  onItems: (items: readonly string[]) => void;
}) {
  const { set, onItems } = props;
  const { label, none, usual } = kinds[set.kind];
  const own = set.kind === "bases" ? props.definitions.map((d) => d.name) : [];
  const offered = [...(none ? [NONE] : []), ...usual, ...own];
  const on = new Set(set.items);
  const unlisted = set.items.filter((item) => !offered.includes(item));
  const extra = unlisted.slice(0, MOST_EXTRA);
  const [problem, setProblem] = useState<string | null>(null);
  const items = useMemo(() => set.items.join(" "), [set]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another set has not the problem of the one before
  useEffect(() => setProblem(null), [items]);
  const attempt = (next: readonly string[]): boolean => {
    try {
      onItems(next);
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(messageOf(error));
      return false;
    }
  };
  const roving = useRoving(offered.length + extra.length);
  const title = set.index > 0 ? `${label}, ${set.index + 1}` : label;
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className="mb-1 flex w-full items-baseline gap-2 p-0 font-semibold text-xs">
        {title} <span className="font-normal text-muted">{set.items.length}</span>
      </legend>
      <div role="toolbar" aria-label={title} className="flex flex-wrap gap-1" {...roving.around}>
        {[...offered, ...extra].map((item, i) => {
          const last = on.has(item) && set.items.length === 1;
          // The last format stays: a grid needs one. The last of another part gives way to none.
          const fixed = last && (set.kind === "bases" || item === NONE);
          return (
            <button
              key={item}
              type="button"
              tabIndex={roving.tabIndex(i)}
              aria-pressed={on.has(item)}
              aria-disabled={fixed || undefined}
              title={item === NONE ? none?.describe : fixed ? "A grid needs at least one format" : undefined}
              className={`chip ${item === NONE ? "" : "font-mono"}`}
              onClick={({ currentTarget }) => {
                if (fixed) return;
                // An item of one's own is gone when it is off: the keyboard stays in the set.
                const before = currentTarget.previousElementSibling;
                const had = document.activeElement === currentTarget;
                const done = attempt(toggleItem(set.items, item));
                if (done && had && extra.includes(item) && before instanceof HTMLElement) before.focus();
              }}
            >
              {item === NONE ? none?.label : shortened(item)}
            </button>
          );
        })}
        {unlisted.length > extra.length && (
          <span className="self-center text-muted text-xs">
            and {(unlisted.length - extra.length).toLocaleString("en")} more in the text
          </span>
        )}
        <AddItem
          set={set}
          onAdd={(item) => (on.has(item) ? true : attempt([...set.items, item]))}
          onType={() => setProblem(null)}
          invalid={problem !== null}
        />
      </div>
      {problem && (
        <p role="alert" className="m-0 mt-0.5 text-bad text-xs">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** Anything that is not on the list: completed from the registries, taken on Enter or when it is chosen. */
function AddItem(props: { set: GridSet; onAdd: (item: string) => boolean; onType: () => void; invalid: boolean }) {
  const [text, setText] = useState("");
  const id = useId();
  const { label, all, example } = kinds[props.set.kind];
  const entries = all();
  const add = (item: string) => {
    if (item.trim() !== "" && props.onAdd(item.trim())) setText("");
  };
  return (
    <>
      <input
        list={id}
        // As wide as its example, so that nobody has to guess the end of it.
        style={{ minWidth: `${Math.max(8, (example?.length ?? 0) + 5)}ch` }}
        className="field min-h-[22px] w-20 flex-1 border-dashed font-mono text-xs pointer-coarse:min-h-11 pointer-coarse:text-base"
        aria-label={`Add to ${label.toLowerCase()}`}
        aria-invalid={props.invalid}
        placeholder={example ? `+ ${example}` : "+"}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          props.onType();
        }}
        onBlur={() => text.trim() === "" && props.onType()}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            add(text);
          } else if (event.key === "Escape" && text !== "") {
            event.preventDefault();
            setText("");
            props.onType();
          }
        }}
      />
      <datalist id={id}>
        {entries.map((entry) => (
          <option key={entry.name} value={entry.name}>
            {entry.describe}
          </option>
        ))}
      </datalist>
    </>
  );
}
