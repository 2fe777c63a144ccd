/** The source's tensors as a tree that is drawn only where it is on the screen, however long it is. */

import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { printable } from "../../kernels/text/printable.ts";
import { sourceOf } from "../../workers/layouts/address.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { withTensor } from "../state/experiment.ts";
import { Summaries } from "../state/summaries.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { useFixedRows } from "../widgets/useFixedRows.ts";
import { useCoarsePointer } from "../widgets/useMedia.ts";
import { useSteps } from "../widgets/useSteps.ts";
import { Sparkline } from "./Sparkline.tsx";
import { StoredMark } from "./StoredBadge.tsx";
import { firstOpen, listedName, MANY, partsPath, rowSteps, type TensorTree, type TreeRow, treeSteps } from "./tree.ts";

const none: TreeRow[] = [];
const keyOf = (row: TreeRow) => (row.kind === "group" ? `group ${row.path}` : row.tensor.name);

export function TensorPane({ info }: { info: SourceInfo }) {
  const [filter, setFilter] = useState("");
  const all = useMemo(() => [...info.tensors, ...(info.activations?.tensors ?? [])], [info]);
  const make = useCallback(() => treeSteps(all), [all]);
  const tree = useSteps(make, all.length > MANY);
  return (
    <section aria-label="Tensors" className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1.5 border-line border-b px-2 py-1.5">
        <Icon name="search" className="text-faint" />
        <input
          id="tensor-filter"
          type="search"
          className="field w-full border-transparent"
          placeholder={`Filter ${all.length.toLocaleString("en")} ${all.length === 1 ? "tensor" : "tensors"}`}
          aria-label="Filter tensors"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      </div>
      {tree ? (
        <Tree key={info.id} info={info} tree={tree} filter={filter} />
      ) : (
        <p className="m-0 p-3 text-muted">Listing {all.length.toLocaleString("en")} tensors…</p>
      )}
    </section>
  );
}

function Tree({ info, tree, filter }: { info: SourceInfo; tree: TensorTree; filter: string }) {
  const { timeline, summaries, others } = useWorkbench();
  const beside = useStoreOf(others.store, (s) => s.list);
  /** The other checkpoints that have no partner for a tensor. */
  const without = (tensor: TensorInfo) =>
    beside.flatMap((other, i) => (other.info && !others.partner(i, tensor) ? [other.info.label] : []));
  const address = useExperiment((e) => e.tensor);
  const shown = listedName(address);
  const known = useStoreOf(summaries.store, (s) => s.known);
  const [open, setOpen] = useState(() => firstOpen(tree, address));
  const [active, setActive] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const coarse = useCoarsePointer();
  const makeRows = useCallback(() => rowSteps(tree, open, filter), [tree, open, filter]);
  const rows = useSteps(makeRows, tree.total > MANY && filter !== "") ?? none;
  const list = useFixedRows(scroller, { count: rows.length, height: coarse ? 44 : 24, overscan: 6 });

  const { items } = list;
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    const onScreen = rows.slice(first, last + 1).flatMap((row) => (row.kind === "tensor" ? [row.tensor] : []));
    // Pictures of what lies on a server would read tensors that nobody asked for.
    const own = onScreen.filter((tensor) => sourceOf(info, tensor) === info.id);
    summaries.want(info.id, info.address ? [] : own);
  }, [summaries, info, rows, first, last]);

  const at = useMemo(
    () =>
      Math.max(
        0,
        rows.findIndex((row) => keyOf(row) === (active ?? shown)),
      ),
    [rows, active, shown],
  );
  const shownAt = useMemo(
    () => rows.findIndex((row) => row.kind === "tensor" && row.tensor.name === shown),
    [rows, shown],
  );
  // Another tensor by link, undo or first choice is brought into sight; scrolling by hand is left alone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the shown tensor changes
  useEffect(() => {
    if (shownAt >= 0) list.scrollTo(shownAt);
  }, [shown]);
  const goTo = (index: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    if (!rows[next]) return;
    setActive(keyOf(rows[next]));
    list.scrollTo(next);
  };
  const toggle = (row: TreeRow, to: boolean) => {
    const path = row.kind === "group" ? row.path : partsPath(row.tensor);
    const next = new Set(open);
    if (to) next.add(path);
    else next.delete(path);
    setOpen(next);
  };
  const choose = (row: TreeRow) => {
    setActive(keyOf(row));
    if (row.kind === "group") toggle(row, !row.open);
    else timeline.change((e) => (shown === row.tensor.name ? e : withTensor(e, row.tensor)));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = rows[at];
    const page = Math.max(1, items.length - 8);
    const fold = () => {
      if (row?.open) return toggle(row, false);
      const parent = rows.slice(0, at).findLastIndex((r) => r.depth < (row?.depth ?? 0));
      if (parent >= 0) goTo(parent);
    };
    const unfold = () => (row && row.open === false ? toggle(row, true) : goTo(at + 1));
    const act = new Map<string, () => void>([
      ["ArrowDown", () => goTo(at + 1)],
      ["ArrowUp", () => goTo(at - 1)],
      ["PageDown", () => goTo(at + page)],
      ["PageUp", () => goTo(at - page)],
      ["Home", () => goTo(0)],
      ["End", () => goTo(rows.length - 1)],
      ["Enter", () => row && choose(row)],
      [" ", () => row && choose(row)],
      ["ArrowRight", unfold],
      ["ArrowLeft", fold],
    ]).get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };

  if (rows.length === 0) {
    return (
      <p className="m-0 p-3 text-muted">{filter ? "No tensor matches the filter." : "There is no tensor in it."}</p>
    );
  }
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Tensors"
      tabIndex={0}
      aria-activedescendant={items.some((item) => item.index === at) ? `${id}-${at}` : undefined}
      className="group/tree min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-offset-[-2px]"
      onKeyDown={onKeyDown}
    >
      <div role="none" style={{ height: list.total, position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index];
          const summary = row.kind === "tensor" ? known.get(Summaries.key(info.id, row.tensor.name)) : undefined;
          return (
            <Row
              key={item.index}
              id={`${id}-${item.index}`}
              row={row}
              top={item.start}
              height={item.size}
              size={rows.length}
              index={item.index}
              selected={row.kind === "tensor" && row.tensor.name === shown}
              active={item.index === at}
              without={row.kind === "tensor" && !row.part ? without(row.tensor) : []}
              picture={<Sparkline summary={summary} />}
              onChoose={() => choose(row)}
              onFold={() => toggle(row, !row.open)}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Pixels of a shape at most, and of one of its characters. */
const MOST_SHAPE = 84;
const SHAPE_CHAR = 6.4;

interface RowProps {
  id: string;
  row: TreeRow;
  top: number;
  height: number;
  size: number;
  index: number;
  selected: boolean;
  active: boolean;
  /** Checkpoints that have no partner for it. */
  without: readonly string[];
  picture: React.ReactNode;
  onChoose: () => void;
  /** Shows or hides what is below it. */
  onFold: () => void;
}

function Row({ id, row, top, height, size, index, selected, active, without, picture, onChoose, onFold }: RowProps) {
  const tensor = row.kind === "tensor" ? row.tensor : null;
  const shape = tensor?.shape.join("×") || "scalar";
  const look = selected ? "bg-grid font-semibold" : "hover:bg-grid";
  const mark = active ? "group-focus-visible/tree:outline-2 outline-accent outline-offset-[-2px]" : "";
  return (
    // The tree has the keyboard: its active row is named by aria-activedescendant.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-setsize={size}
      aria-posinset={index + 1}
      aria-selected={selected}
      aria-expanded={row.open ?? undefined}
      title={
        tensor
          ? [tensor.name, tensor.problem, tensor.warning].flatMap((text) => (text ? [printable(text)] : [])).join("\n")
          : undefined
      }
      className={`absolute inset-x-0 flex cursor-pointer items-center gap-1.5 pr-2 ${look} ${mark}`}
      style={{ top, height, paddingLeft: 8 + row.depth * 12 }}
      onClick={onChoose}
    >
      {row.kind === "group" ? (
        <>
          <Icon name={row.open ? "chevron" : "right"} className="text-faint" />
          <span className="truncate">{printable(row.label)}</span>
          <span className="ml-auto text-faint text-xs">{row.count.toLocaleString("en")}</span>
        </>
      ) : (
        <>
          {tensor?.problem || tensor?.warning ? <Icon name="warning" className="shrink-0 text-warn" /> : null}
          {tensor?.warning && <span className="sr-only">Codes as stored:</span>}
          {row.open !== null && (
            <button
              type="button"
              tabIndex={-1}
              aria-label={`${row.open ? "Hide" : "Show"} the parts of ${printable(row.label)}`}
              className="-ml-1 grid cursor-pointer place-items-center self-stretch border-0 bg-transparent p-0 text-faint pointer-coarse:w-8"
              onClick={(event) => {
                event.stopPropagation();
                onFold();
              }}
            >
              <Icon name={row.open ? "chevron" : "right"} />
            </button>
          )}
          <span className={`min-w-8 flex-auto truncate ${tensor?.problem ? "text-muted line-through" : ""}`}>
            {printable(row.label)}
          </span>
          {without.length > 0 && (
            <span className="shrink-0 text-[11px] text-warn" title={`No partner in ${without.join(", ")}`}>
              no pair
            </span>
          )}
          {picture}
          {tensor?.stored ? (
            <StoredMark stored={tensor.stored} />
          ) : (
            <span
              // As wide as long shapes are where there is room, so that pictures stand below each other; never less than its own.
              style={{ minWidth: Math.min(MOST_SHAPE, shape.length * SHAPE_CHAR) }}
              className="w-[84px] shrink-[99] truncate text-right text-[11px] text-muted"
            >
              {shape} <span className="sr-only">{tensor?.dtype}</span>
            </span>
          )}
        </>
      )}
    </div>
  );
}
