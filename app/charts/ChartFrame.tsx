/** What surrounds every chart: its name, its controls, a switch to the table behind it, and its description. */
import { type ReactNode, useId, useRef, useState } from "react";
import { Icon } from "../widgets/icons.tsx";
import { Button } from "./Controls.tsx";
import { DataTable, type TableData } from "./DataTable.tsx";
import { SaveChart } from "./SaveChart.tsx";
import type { Stale } from "./types.ts";

export interface ChartFrameProps {
  /** Marks the figure for export: no two charts of a view share a name. */
  chart: string;
  title: string;
  /** What the chart says, for whoever does not see it. */
  description: string;
  controls?: ReactNode;
  /** Called only when the table is open. */
  table: () => TableData;
  stale?: Stale | null;
  /** Least height of the drawing, in CSS pixels. */
  minHeight?: number;
  /** For a picture of it: what it says beside the drawing, such as a legend. */
  caption?: string;
  /** Under the drawing. */
  footer?: ReactNode;
  children: ReactNode;
}

export function ChartFrame(props: ChartFrameProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const figure = useRef<HTMLElement>(null);
  return (
    <figure
      ref={figure}
      data-chart={props.chart}
      data-caption={props.caption}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-description`}
      aria-busy={props.stale?.coming || undefined}
      className="m-0 flex h-full min-h-0 min-w-0 flex-col"
    >
      <figcaption className="flex flex-wrap items-center gap-x-1.5 gap-y-1 pb-1">
        <h3 id={`${id}-title`} className="m-0 mr-auto flex items-center gap-1.5 text-sm font-semibold">
          {props.title}
        </h3>
        {props.controls}
        <span className="inline-flex shrink-0 gap-1">
          <Button pressed={open} onClick={() => setOpen(!open)} label={`Table of ${props.title.toLowerCase()}`}>
            <Icon name="table" className="size-3.5" />
          </Button>
          <SaveChart title={props.title} figure={() => figure.current} table={props.table} />
        </span>
      </figcaption>
      <p id={`${id}-description`} className="sr-only">
        {props.stale ? `${props.stale.words} ` : ""}
        {props.description}
      </p>
      <div className="relative min-h-0 flex-1" style={{ minHeight: props.minHeight ?? 120 }}>
        {/* The table stays as readable as ever: only the drawing fades. */}
        <div className={`absolute inset-0 ${props.stale ? "opacity-60" : ""}`}>{props.children}</div>
        {/* Over the drawing: in the heading it would push the controls away. In its middle: captions and keys of colours keep to the edges. */}
        {props.stale && !open && (
          <span
            data-stale
            className="pointer-events-none absolute top-1/3 left-1/2 z-[5] max-w-full -translate-x-1/2 truncate rounded bg-grid px-1 text-muted text-xs"
          >
            {props.stale.badge}
          </span>
        )}
        {open && (
          <div className="absolute inset-0 z-10">
            <DataTable data={props.table()} />
          </div>
        )}
      </div>
      {props.footer}
    </figure>
  );
}

/** Said in place of a chart that has nothing to draw. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className="absolute inset-0 m-0 grid place-items-center text-sm text-muted">{children}</p>;
}
