// biome-ignore-all lint/a11y/useSemanticElements: rows are placed where they are scrolled to, which rows of a table cannot be
/** The tensors as a table: sorted by any column, drawn only where it is on the screen, each with all its recipes in small. */
import { type KeyboardEvent, useEffect, useId, useMemo, useRef } from "react";
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import { Icon } from "../../../widgets/icons.tsx";
import { SortHeader } from "../../../widgets/SortHeader.tsx";
import { useFixedRows } from "../../../widgets/useFixedRows.ts";
import { useCoarsePointer } from "../../../widgets/useMedia.ts";
import { type Column, columns, readSorting, type Sorting, sortedRows, type TableOf } from "./columns.ts";
import { ParetoMarks } from "./ParetoMarks.tsx";

interface Props {
  of: TableOf;
  table: AllocationTable | null;
  sort: string;
  /** By tensor: which are shown; null for all. */
  shown: Uint8Array | null;
  /** By tensor: 2 where it is pinned. */
  flags: Uint8Array;
  marked: number | null;
  onSort(sorting: Sorting): void;
  onMark(tensor: number): void;
  onOpen(tensor: number, side: "a" | "b"): void;
}

const MINI = { width: 72, least: 78 };
const OPEN = 26;

export function TensorTable({ of, table, sort, shown, flags, marked, onSort, onMark, onOpen }: Props) {
  const sorting = useMemo(() => readSorting(sort), [sort]);
  const rows = useMemo(() => sortedRows(of, sorting, shown), [of, sorting, shown]);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const height = useCoarsePointer() ? 44 : 24;
  const list = useFixedRows(scroller, { count: rows.length, height, overscan: 6, before: height });
  const at = useMemo(() => (marked === null ? -1 : rows.indexOf(marked)), [rows, marked]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolling by hand is left alone
  useEffect(() => {
    if (at >= 0) list.scrollTo(at);
  }, [marked]);
  const fixed = columns.map((c) => (c.share > 0 ? `minmax(${c.least}px, ${c.share}fr)` : `${c.least}px`)).join(" ");
  const least = columns.reduce((sum, c) => sum + c.least, 0) + MINI.least + OPEN;
  const grid = `${fixed} ${MINI.least}px ${OPEN}px`;
  const go = (to: number) => {
    const row = Math.min(rows.length - 1, Math.max(0, to));
    if (rows.length > 0) onMark(rows[row]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    const page = Math.max(1, list.items.length - 14);
    const act = new Map<string, () => void>([
      ["ArrowDown", () => go(at + 1)],
      ["ArrowUp", () => go(at < 0 ? 0 : at - 1)],
      ["PageDown", () => go(at + page)],
      ["PageUp", () => go(at - page)],
      ["Home", () => go(0)],
      ["End", () => go(rows.length - 1)],
      ["Enter", () => at >= 0 && onOpen(rows[at], event.shiftKey ? "b" : "a")],
    ]).get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const sortBy = ({ key, down = false }: Column) => onSort({ key, down: sorting.key === key ? !sorting.down : down });
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={`${rows.length.toLocaleString("en")} tensors and what they are assigned`}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 2}
      aria-activedescendant={list.items.some(({ index }) => index === at) ? `${id}-${at}` : undefined}
      tabIndex={0}
      className="h-full min-h-0 overflow-auto outline-offset-[-2px]"
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="relative" style={{ height: list.total, minWidth: least }}>
        <div
          role="row"
          tabIndex={-1}
          aria-rowindex={1}
          className="sticky top-0 z-10 grid border-line border-b bg-panel"
          style={{ gridTemplateColumns: grid, height }}
        >
          {columns.map((column) => (
            <SortHeader
              key={column.key}
              label={column.label}
              describe={column.describe}
              down={sorting.key === column.key ? sorting.down : null}
              words={column.words === true}
              onSort={() => sortBy(column)}
            />
          ))}
          <div role="columnheader" tabIndex={-1} className="self-center px-1.5 text-muted text-xs">
            all recipes
          </div>
          <div role="columnheader" tabIndex={-1}>
            <span className="sr-only">open</span>
          </div>
        </div>
        {list.items.map(({ index, start, size }) => {
          const tensor = rows[index];
          const here = tensor === marked;
          return (
            // The grid has the keyboard: its active row is named by aria-activedescendant.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            <div
              key={tensor}
              id={`${id}-${index}`}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 2}
              aria-selected={here}
              data-tensor={of.tensors.names[tensor]}
              className={`absolute inset-x-0 grid cursor-pointer items-center text-xs ${here ? "bg-grid outline-1 outline-mark outline-offset-[-1px]" : "hover:bg-grid/50"}`}
              style={{ top: start, height: size, gridTemplateColumns: grid }}
              onClick={() => onMark(tensor)}
            >
              {columns.map((column) => (
                <div
                  key={column.key}
                  role="gridcell"
                  tabIndex={-1}
                  className={`truncate px-1.5 ${column.words ? "" : "text-right"} ${column.key === "recipe" ? "font-mono" : ""}`}
                  title={column.words ? column.text(of, tensor) : undefined}
                >
                  {column.key === "recipe" && flags[tensor] & 2 ? (
                    <>
                      <span
                        aria-hidden="true"
                        className="mr-1 inline-block size-1.5 rounded-full bg-mark align-middle"
                      />
                      <span className="sr-only">pinned: </span>
                    </>
                  ) : null}
                  {column.key === "name" ? <Name text={column.text(of, tensor)} /> : column.text(of, tensor)}
                </div>
              ))}
              <div role="gridcell" tabIndex={-1} className="px-1">
                {table && (
                  <ParetoMarks
                    table={table}
                    tensor={tensor}
                    elements={of.tensors.elements[tensor]}
                    choice={of.assigned?.choice[tensor] ?? -2}
                    width={MINI.width}
                    height={Math.min(24, size) - 2}
                  />
                )}
              </div>
              <div role="gridcell" tabIndex={-1}>
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={`Open ${of.tensors.names[tensor]} on the Bench`}
                  title="Open on the Bench with its recipe"
                  className="grid h-full w-full min-h-5 cursor-pointer place-items-center text-muted hover:text-ink"
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(tensor, event.shiftKey ? "b" : "a");
                  }}
                >
                  <Icon name="right" className="size-3.5" />
                </button>
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A long name loses its beginning rather than its end, where names differ. */
const Name = ({ text }: { text: string }) => (
  <span className="block truncate" dir="rtl">
    <bdi dir="ltr">{text}</bdi>
  </span>
);
