/** A few typed numbers, edited in place, each with its code, scale, result and error under one of the recipes. */
import { type CSSProperties, useEffect, useState } from "react";
import type { Inspection } from "../../../kernels/report/report.ts";
import { Choice } from "../../charts/Controls.tsx";
import { formatNumber } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import type { PanelProps } from "../../page/panel.ts";
import { track } from "../../state/busy.ts";
import { withSource } from "../../state/experiment.ts";
import { isAbort, messageOf, notify } from "../../state/notices.ts";
import { isStale } from "../../state/results.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { cellsOf, edited, isCellNumber, MOST_COLS, MOST_ROWS, resized, textOf } from "./cells.ts";

export function CellEditor({ charts }: PanelProps) {
  const { timeline, runs } = useWorkbench();
  const text = useExperiment((e) => (e.source.kind === "text" ? e.source.text : ""));
  const [side, setSide] = useState<Side>("a");
  const result = useStoreOf(runs.store, (s) => s[side]);
  const inspections = useInspections(side);
  const cells = cellsOf(text);
  const [rows, cols] = [cells.length, Math.max(0, ...cells.map((row) => row.length))];
  const change = (next: string[][]) =>
    timeline.change((e) => {
      const changed = withSource(e, { kind: "text", text: textOf(next) });
      // The tensor of typed numbers is the same one with other values: what was chosen for it stays.
      const { matrix, values } = e.kept;
      return { ...changed, tensor: e.tensor, kept: { ...changed.kept, matrix, values } };
    });
  const resize = (r: number, c: number) => change(resized(cells, r, c));
  return (
    <section aria-label="Cells" className="flex h-full min-h-0 flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="m-0 mr-auto font-semibold text-sm">
          Cells {isStale(result) && <span className="rounded bg-grid px-1 font-normal text-muted text-xs">old</span>}
        </h3>
        <Choice
          label="Recipe shown in the cells"
          value={side}
          options={[
            { value: "a", label: "A" },
            { value: "b", label: "B" },
          ]}
          onChange={setSide}
        />
        <Size name="row" value={rows} most={MOST_ROWS} onChange={(r) => resize(r, cols)} />
        <Size name="column" value={cols} most={MOST_COLS} onChange={(c) => resize(rows, c)} />
      </div>
      <div
        className="grid min-h-0 flex-1 gap-1 overflow-auto"
        aria-busy={isStale(result)}
        style={{ gridTemplateColumns: `repeat(${cols}, minmax(72px, 1fr))`, gridAutoRows: "minmax(max-content, 1fr)" }}
      >
        {cells.flatMap((row, r) =>
          Array.from({ length: cols }, (_, c) => (
            <Cell
              key={`${r} ${c}`}
              row={r}
              col={c}
              value={row[c] ?? "0"}
              inspection={inspections.get(`${r} ${c}`)}
              marked={charts.highlight?.row === r && charts.highlight.col === c}
              onMark={() => charts.onHighlight({ row: r, col: c, pinned: true })}
              onChange={(value) => change(edited(resized(cells, rows, cols), r, c, value))}
            />
          )),
        )}
      </div>
    </section>
  );
}

function Size(props: { name: string; value: number; most: number; onChange: (value: number) => void }) {
  const { name, value, most, onChange } = props;
  return (
    <span className="inline-flex items-center text-muted text-xs">
      <button
        type="button"
        className="btn btn-quiet px-1.5"
        aria-label={`One ${name} less`}
        disabled={value <= 1}
        onClick={() => onChange(value - 1)}
      >
        −
      </button>
      {value} {name}
      {value === 1 ? "" : "s"}
      <button
        type="button"
        className="btn btn-quiet px-1.5"
        aria-label={`One ${name} more`}
        disabled={value >= most}
        onClick={() => onChange(value + 1)}
      >
        +
      </button>
    </span>
  );
}

interface CellProps {
  row: number;
  col: number;
  value: string;
  inspection: Inspection | undefined;
  marked: boolean;
  onMark: () => void;
  onChange: (value: string) => void;
}

function Cell({ row, col, value, inspection: i, marked, onMark, onChange }: CellProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const valid = isCellNumber(text);
  const commit = () => valid && text.trim() !== value && onChange(text.trim());
  const place = `row ${row + 1}, column ${col + 1}`;
  const line = "flex justify-between gap-1 truncate";
  return (
    <div className={`flex min-w-0 flex-col rounded border p-[3px] ${marked ? "border-mark" : "border-line"}`}>
      <input
        className="field w-full px-1 font-mono font-semibold pointer-fine:min-h-(--low) pointer-fine:leading-4"
        style={{ "--low": "20px" } as CSSProperties}
        aria-label={`Value at ${place}`}
        aria-invalid={!valid}
        inputMode="decimal"
        value={text}
        onFocus={onMark}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />
      {i && (
        <dl className="m-0 font-mono text-[11px] leading-[13px] [&_dd]:m-0 [&_dd]:truncate [&_dt]:text-faint">
          <div className={line}>
            <dt title="result">x̂</dt>
            <dd>{formatNumber(i.result)}</dd>
          </div>
          <div className={line}>
            <dt className="flex items-center gap-0.5">
              code
              {i.state !== "ordinary" && (
                <span className="text-warn" title={i.state}>
                  <Icon name="warning" className="size-3" />
                  <span className="sr-only">{i.state}</span>
                </span>
              )}
            </dt>
            <dd>{i.codeBits ?? "–"}</dd>
          </div>
          <div className={line}>
            <dt title="scale in force">s</dt>
            <dd>{formatNumber(i.scale)}</dd>
          </div>
          <div className={line}>
            <dt title="error, x − x̂">e</dt>
            <dd>{formatNumber(i.error)}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}

/** Every cell spelled out under the shown result of a side. */
function useInspections(side: Side): ReadonlyMap<string, Inspection> {
  const { client, runs } = useWorkbench();
  const shown = useStoreOf(runs.store, (s) => s[side].shown);
  const [cells, setCells] = useState<ReadonlyMap<string, Inspection>>(new Map());
  useEffect(() => {
    if (!shown) return setCells(new Map());
    const job = new AbortController();
    const { rows, cols } = shown.report.matrix;
    const places = Array.from({ length: rows * cols }, (_, n) => [Math.floor(n / cols), n % cols]);
    const { signal } = job;
    const asked = places.map(([row, col]) => client.call("inspect", { ...shown.request, row, col }, { signal }));
    track(Promise.all(asked))
      .then((all) => {
        if (!job.signal.aborted) setCells(new Map(all.map((cell) => [`${cell.row} ${cell.col}`, cell])));
      })
      .catch((error) => {
        if (!isAbort(error)) notify(messageOf(error), "error");
      });
    return () => job.abort();
  }, [client, shown]);
  return cells;
}
