// biome-ignore-all lint/a11y/useSemanticElements: rows are placed where they are scrolled to, which rows of a table cannot be
/** The points of the chart as a table: sorted by any column, drawn only where it is on the screen. */
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Side } from "../../charts/types.ts";
import { SortHeader } from "../../widgets/SortHeader.tsx";
import { useFixedRows } from "../../widgets/useFixedRows.ts";
import { useCoarsePointer } from "../../widgets/useMedia.ts";
import { type Column, columnsFor, type Sorting, sorted } from "./columns.ts";
import { metricsFor, type PlotPoint } from "./points.ts";
import type { Series } from "./series.ts";
import type { SweepMetric } from "./state.ts";

interface Props {
  points: readonly PlotPoint[];
  frontier: ReadonlySet<PlotPoint>;
  metric: SweepMetric;
  against: SweepMetric;
  series: (point: PlotPoint) => Series;
  marked: string | null;
  /** The mark was set for good, or on the chart: its row is brought into sight. */
  follow: boolean;
  onMark: (recipe: string | null, pinned: boolean) => void;
  onSend: (recipe: string, side: Side) => void;
  bench: Readonly<Record<Side, string>>;
  caption: string;
  /** Values are drawn from a Gaussian: the table says how far recipes are from what it allows. */
  gaussian: boolean;
}

export function PointTable(props: Props) {
  const { points, metric, against, gaussian, marked, follow, onMark, onSend } = props;
  const [sorting, sortBy] = useState<Sorting>({ key: "bits", down: false });
  const phased = points.some((point) => point.phase !== null);
  const several = points.some((point) => point.coverage !== null);
  const names = useMemo(() => metricsFor(points), [points]);
  const columns = useMemo(
    () => columnsFor(metric, { phased, several, gaussian, against, names }),
    [metric, phased, several, gaussian, against, names],
  );
  const rows = useMemo(() => sorted(points, columns, sorting), [points, columns, sorting]);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const coarse = useCoarsePointer();
  const height = coarse ? 44 : 22;
  const list = useFixedRows(scroller, { count: rows.length, height, overscan: 8, before: height + 2 });
  const at = marked === null ? -1 : rows.findIndex((row) => row.text === marked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolling by hand is left alone
  useEffect(() => {
    if (at >= 0 && follow) list.scrollTo(at);
  }, [marked, follow]);

  const { items } = list;
  const template = columns.map((c) => `minmax(${c.least}px, ${c.share}fr)`).join(" ");
  const go = (to: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (next) onMark(next.text, true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    const page = Math.max(1, items.length - 18);
    const act = new Map<string, () => void>([
      ["ArrowDown", () => go(at + 1)],
      ["ArrowUp", () => go(at < 0 ? 0 : at - 1)],
      ["PageDown", () => go(at + page)],
      ["PageUp", () => go(at - page)],
      ["Home", () => go(0)],
      ["End", () => go(rows.length - 1)],
      ["Enter", () => marked !== null && at >= 0 && onSend(marked, event.shiftKey ? "b" : "a")],
    ]).get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const sort = ({ key, down = false }: Column) => sortBy((now) => ({ key, down: now.key === key ? !now.down : down }));

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={props.caption}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={items.some((item) => item.index === at) ? `${id}-${at}` : undefined}
      tabIndex={0}
      className="group/grid h-full min-h-0 overflow-auto outline-offset-[-2px]"
      onKeyDown={onKeyDown}
      onPointerLeave={() => onMark(null, false)}
    >
      <div
        role="rowgroup"
        className="relative"
        style={{ height: list.total, minWidth: columns.reduce((sum, c) => sum + c.least, 0) }}
      >
        <div
          role="row"
          tabIndex={-1}
          aria-rowindex={1}
          className="sticky top-0 z-10 grid border-line border-b bg-panel"
          style={{ gridTemplateColumns: template, height: height + 2 }}
        >
          {columns.map((column) => (
            <SortHeader
              key={column.key}
              label={column.label}
              describe={column.describe}
              down={sorting.key === column.key ? sorting.down : null}
              words={column.key === "recipe"}
              onSort={() => sort(column)}
            />
          ))}
        </div>
        {items.map(({ index, start, size }) => {
          const point = rows[index];
          return (
            <Row
              key={point.text}
              id={`${id}-${index}`}
              point={point}
              columns={columns}
              index={index}
              best={props.frontier.has(point)}
              series={props.series(point)}
              marked={point.text === marked}
              sides={(["a", "b"] as const).filter((side) => props.bench[side] === point.text)}
              style={{ top: start, height: size, gridTemplateColumns: template }}
              onMark={onMark}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  point: PlotPoint;
  columns: readonly Column[];
  index: number;
  best: boolean;
  series: Series;
  marked: boolean;
  /** Which of the Bench's recipes it is. */
  sides: readonly Side[];
  style: { top: number; height: number; gridTemplateColumns: string };
  onMark: (recipe: string | null, pinned: boolean) => void;
}

function Row({ id, point, columns, index, best, series, marked, sides, style, onMark }: RowProps) {
  return (
    // The grid has the keyboard: its active row is named by aria-activedescendant.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={marked}
      className={`absolute inset-x-0 grid cursor-pointer items-center text-xs ${marked ? "bg-grid outline-1 outline-mark outline-offset-[-1px]" : ""} ${best ? "" : "text-muted"}`}
      style={style}
      onPointerEnter={(event) => event.pointerType === "mouse" && onMark(point.text, false)}
      onClick={() => onMark(point.text, true)}
    >
      {columns.map((column) => (
        <div
          key={column.key}
          role="gridcell"
          tabIndex={-1}
          className={`truncate px-1.5 ${column.key === "recipe" ? "flex items-center gap-1.5 font-mono" : "text-right"}`}
          title={column.key === "recipe" ? point.text : undefined}
        >
          {column.key === "recipe" && (
            <>
              <svg viewBox="-7 -7 14 14" width="13" height="13" aria-hidden="true" className="shrink-0">
                <path d={series.path} fill={`var(${series.colour})`} fillOpacity={best ? 1 : 0.45} />
              </svg>
              <span className={`truncate ${best ? "font-semibold" : ""}`}>{point.text}</span>
              {best && <span className="sr-only">on the frontier</span>}
              {sides.map((side) => (
                <span
                  key={side}
                  className="grid size-4 shrink-0 place-items-center rounded font-sans font-semibold text-[11px] text-panel"
                  style={{ background: `var(--${side})` }}
                >
                  {side.toUpperCase()}
                </span>
              ))}
            </>
          )}
          {column.key !== "recipe" && column.text(point)}
        </div>
      ))}
    </div>
  );
}
