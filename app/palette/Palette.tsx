/** One field that finds every action, view, tensor, sample and named recipe (WAI-ARIA's combobox with a list). */
import { Dialog } from "@base-ui/react/dialog";
import { type KeyboardEvent, useCallback, useDeferredValue, useId, useMemo, useRef, useState } from "react";
import type { Action } from "../actions/action.ts";
import { showDialog } from "../state/ui.ts";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { fixedEntries, kindLabels, namedTensors, type PaletteEntry, tensorEntry } from "./entries.ts";
import { find, score, wordsOf } from "./match.ts";
import { takeKeys } from "./typedAhead.ts";

/** Most of each that are listed: whoever has more types on. */
const MOST_TENSORS = 60;
const MOST_OTHERS = 60;
/** Before anything is typed a few tensors show that they can be found. */
const FIRST_TENSORS = 5;

export function Palette({ actions }: { actions: readonly Action[] }) {
  const chosen = useRef<PaletteEntry | null>(null);
  const close = () => showDialog(null);
  const choose = (entry: PaletteEntry) => {
    if (!entry.enabled) return;
    chosen.current = entry;
    close();
    // What it does may open a dialog or take the focus: not before this one has let go of it.
    setTimeout(() => entry.run());
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/35" />
        <Dialog.Popup
          finalFocus={() => chosen.current === null}
          className="popup fixed top-[min(12dvh,96px)] left-1/2 z-50 flex max-h-[min(76dvh,560px)] w-[min(620px,calc(100vw-16px))] -translate-x-1/2 flex-col overflow-hidden p-0"
        >
          <Dialog.Title className="sr-only">Find an action, a view or a tensor</Dialog.Title>
          <Search actions={actions} onChoose={choose} onClose={close} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface Found {
  entries: PaletteEntry[];
  count: number;
}

function useSearch(actions: readonly Action[]): (query: string) => Found {
  const w = useWorkbench();
  const info = useStoreOf(w.source.store, (s) => s.info);
  const fixed = useMemo(() => fixedEntries(w, actions), [w, actions]);
  const tensors = useMemo(() => (info ? namedTensors(info.tensors) : []), [info]);
  return useCallback(
    (query) => {
      const words = wordsOf(query);
      const others = find(fixed, (e) => e.text, query, words.length > 0 ? MOST_OTHERS : fixed.length);
      const named = find(tensors, (t) => t.text, query, words.length > 0 ? MOST_TENSORS : FIRST_TENSORS);
      const entries = [...others.best, ...named.best.map((t) => tensorEntry(w, t))];
      // One list by how well each fits; without a query in the order of the page.
      if (words.length > 0) {
        const fit = new Map(entries.map((e) => [e, score(e.text, words)]));
        entries.sort((a, b) => (fit.get(b) ?? 0) - (fit.get(a) ?? 0));
      }
      return { entries, count: others.count + named.count };
    },
    [w, fixed, tensors],
  );
}

interface Props {
  actions: readonly Action[];
  onChoose: (entry: PaletteEntry) => void;
  onClose: () => void;
}

function Search({ actions, onChoose, onClose }: Props) {
  const id = useId();
  const [query, setQuery] = useState("");
  const search = useSearch(actions);
  // Among half a million tensors letters come faster than what they find.
  const listed = useDeferredValue(query);
  const { entries, count } = useMemo(() => search(listed), [search, listed]);
  const [at, setAt] = useState(0);
  const active = Math.min(at, entries.length - 1);
  const move = (to: number) => {
    const next = (to + entries.length) % Math.max(1, entries.length);
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  /** Enter means what is typed, whether the list has come to it or not. */
  const choose = (typed: string) => {
    const entry = typed === listed ? entries[active] : search(typed).entries[0];
    if (entry) onChoose(entry);
  };
  const onFocus = () => {
    const { text, entered } = takeKeys();
    if (text !== "") setQuery(text);
    if (text !== "" && entered) choose(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return onClose();
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = 8;
    const act = new Map<string, () => void>([
      ["ArrowDown", () => move(active + 1)],
      ["ArrowUp", () => move(active - 1)],
      ["PageDown", () => move(Math.min(entries.length - 1, active + page))],
      ["PageUp", () => move(Math.max(0, active - page))],
      ["Enter", () => choose(query)],
    ]).get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <>
      <div className="flex items-center gap-2 border-line border-b px-3 py-2">
        <Icon name="search" className="text-muted" />
        <input
          data-first
          role="combobox"
          aria-label="Find an action, a view or a tensor"
          aria-expanded={entries.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={entries[active] ? `${id}-${active}` : undefined}
          className="field w-full border-transparent bg-transparent text-[15px]"
          placeholder="Find an action, a view or a tensor…"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
            document.getElementById(`${id}-list`)?.scrollTo(0, 0);
          }}
          onFocus={onFocus}
          onKeyDown={onKeyDown}
        />
        <Dialog.Close className="btn btn-quiet px-1.5" aria-label="Close">
          <Icon name="close" />
        </Dialog.Close>
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="What was found"
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1 empty:hidden"
      >
        {entries.map((entry, i) => (
          <Option key={entry.id} id={`${id}-${i}`} entry={entry} active={i === active} onChoose={onChoose} />
        ))}
      </div>
      <p role="status" className="m-0 border-line border-t px-3 py-1.5 text-muted text-xs">
        {entries.length === 0
          ? "Nothing has all of these words."
          : query.trim() === ""
            ? "Type a few letters; names of tensors are searched too."
            : `${count.toLocaleString("en")} found${entries.length < count ? `, the best ${entries.length} listed` : ""}`}
      </p>
    </>
  );
}

function Option(props: { id: string; entry: PaletteEntry; active: boolean; onChoose: (entry: PaletteEntry) => void }) {
  const { id, entry, active, onChoose } = props;
  const { kind, label, note, shortcut, icon, enabled } = entry;
  return (
    // The field has the keyboard: its active option is named by aria-activedescendant.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={!enabled || undefined}
      data-disabled={enabled ? undefined : ""}
      className="menu-item min-w-0"
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onChoose(entry)}
      onKeyDown={() => {}}
    >
      <span className="w-4 shrink-0">{icon && <Icon name={icon} className="text-muted" />}</span>
      <span className={`min-w-0 truncate ${kind === "tensor" ? "font-mono text-[13px]" : ""}`} title={label}>
        {label}
      </span>
      {note && note !== "View" && <span className="min-w-0 shrink-[9] truncate text-muted text-xs">{note}</span>}
      <span className="ml-auto flex shrink-0 items-center gap-2 text-muted text-xs">
        {shortcut && (
          <span aria-hidden="true" className="key pointer-coarse:hidden">
            {shortcut}
          </span>
        )}
        {kind !== "action" && kindLabels[kind]}
      </span>
    </div>
  );
}
