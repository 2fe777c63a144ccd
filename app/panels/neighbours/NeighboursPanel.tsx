/** Whether a tensor's rows, taken as vectors, still find their neighbours under A and B. Searched while it is looked at. */
import { useState } from "react";
import type { SearchReport } from "../../../workers/embeddings/embeddings.ts";
import { Asked } from "../../charts/Asked.tsx";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { formatCount, formatNumber } from "../../charts/numbers.ts";
import { BY_ITSELF, useAnswer, useSeen } from "../../charts/useAnswer.ts";
import { useSize } from "../../charts/useSize.ts";
import type { PanelProps } from "../../page/panel.ts";
import type { Shown } from "../../state/results.ts";
import type { Side } from "../../state/types.ts";
import { useExperiment, useWorkbench } from "../../state/workbench.ts";
import { type NeighboursOptions, neighboursPart } from "./options.ts";
import { RecallChart } from "./RecallChart.tsx";
import { type Search, searchFor, tableOf } from "./search.ts";

export function NeighboursPanel({ charts: { shown, pair } }: PanelProps) {
  const { timeline } = useWorkbench();
  const options = useExperiment(neighboursPart.of);
  const [ref, seen] = useSeen();
  const [size, dimensions] = useSize({ width: 560, height: 160 });
  const [agreed, agree] = useState<string | null>(null);
  const matrix = (pair.a ?? pair.b)?.matrix ?? null;
  const search: Search | null = matrix && searchFor(options, matrix);
  const can = search && search.why === null ? search : null;
  const asks = JSON.stringify([options, matrix]);
  const long = can !== null && can.operations > BY_ITSELF && agreed !== asks;
  const ready = seen && !long ? can : null;
  const a = useSearch("a", shown.a, options, ready);
  const b = useSearch("b", shown.b, options, ready);
  const change = (some: Partial<NeighboursOptions>) => timeline.change((e) => neighboursPart.with(e, some));
  const answers = { a: a.answer, b: b.answer };
  const running = a.running || b.running;
  const stale = pair.stale ?? (running && (a.answer || b.answer) ? SEARCHING : null);
  return (
    <div ref={ref} className="h-full">
      <ChartFrame
        chart="neighbours"
        title="Neighbours"
        description={described(options, answers)}
        stale={stale}
        controls={<Controls options={options} onChange={change} />}
        table={() => tableOf(answers, matrix?.rows ?? 0)}
        footer={
          <div className="flex flex-col gap-1 pt-1">
            <Asked
              of={[
                { name: "A", asked: a },
                { name: "B", asked: b },
              ]}
            />
            <Words answers={answers} note={can?.note ?? null} />
          </div>
        }
      >
        <div ref={size} className="absolute inset-0">
          {matrix && (answers.a || answers.b) ? (
            <RecallChart {...answers} {...dimensions} rows={matrix.rows} />
          ) : (
            <Nothing>
              {search?.why ??
                (long && can ? (
                  <span className="flex flex-wrap items-center justify-center gap-2">
                    Some {formatCount(can.operations / 1e9)} billion operations for each of A and B.
                    <Button onClick={() => agree(asks)}>Search</Button>
                  </span>
                ) : running || !seen ? (
                  "Not searched yet"
                ) : (
                  "No neighbours"
                ))}
            </Nothing>
          )}
        </div>
      </ChartFrame>
    </div>
  );
}

const SEARCHING = { coming: true, badge: "searching", words: "Of the search before." };

function useSearch(
  side: Side,
  shown: Shown | null,
  { by }: NeighboursOptions,
  search: Extract<Search, { why: null }> | null,
) {
  const { client } = useWorkbench();
  const request = shown && search && { ...shown.request, by, k: search.k, queries: search.queries, keep: search.keep };
  const key = request && `neighbours ${shown.key} ${JSON.stringify([by, search.k, search.queries, search.keep])}`;
  return useAnswer<SearchReport>(key || null, (asking) => {
    const { target, recipe, definitions, k, queries, keep } = request!;
    const asked = { target, recipe, definitions, by, k, queries, keep, quantizedQueries: true };
    return client.call("retrieval", asked, { ...asking, side });
  });
}

const NEARNESS = [
  { value: "cosine", label: "cosine" },
  { value: "dot", label: "dot" },
  { value: "distance", label: "distance" },
] as const;

function Controls(props: { options: NeighboursOptions; onChange: (some: Partial<NeighboursOptions>) => void }) {
  const { options, onChange } = props;
  const whole = (text: string, least: number, most: number, take: (value: number) => void) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) take(value);
  };
  return (
    <>
      <Choice label="Near by" value={options.by} options={NEARNESS} onChange={(by) => onChange({ by })} />
      <Typed label="k" name="Numbers of neighbours" value={options.k} onCommit={(k) => onChange({ k })} />
      <Typed
        label="queries"
        name="Queries drawn"
        value={String(options.queries)}
        onCommit={(text) => whole(text, 1, 4096, (queries) => onChange({ queries }))}
      />
      <Typed
        label="components"
        name="Principal components kept, 0 for all columns as they are"
        value={String(options.keep)}
        onCommit={(text) => whole(text, 0, 65536, (keep) => onChange({ keep }))}
      />
    </>
  );
}

/** A short text that is taken when the field is left, or Enter pressed. */
function Typed(props: { label: string; name: string; value: string; onCommit: (text: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed !== props.value) props.onCommit(typed);
    setTyped(null);
  };
  return (
    <label className="inline-flex items-center gap-1 text-muted text-xs">
      {props.label}
      <input
        type="text"
        inputMode="decimal"
        aria-label={props.name}
        title={props.name}
        className="field h-6 min-h-6 w-16 px-1 text-xs pointer-coarse:min-h-11 pointer-coarse:text-base"
        value={typed ?? props.value}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </label>
  );
}

type Answers = { a: SearchReport | null; b: SearchReport | null };

function described({ by }: NeighboursOptions, { a, b }: Answers): string {
  const one = (name: string, report: SearchReport | null) =>
    report
      ? [
          `${name}: ${report.recall.map(({ k, mean }) => `recall@${k} ${mean.toFixed(3)}`).join(", ")}, ${formatNumber(report.bitsPerVector)} bits a vector.`,
        ]
      : [];
  return [
    `Share of each row's k nearest by ${by} that the quantized rows find again; queries are quantized, too.`,
    ...one("A", a),
    ...one("B", b),
  ].join(" ");
}

function Words({ answers: { a, b }, note }: { answers: Answers; note: string | null }) {
  const one = (name: string, colour: string, report: SearchReport | null) =>
    report && (
      <span>
        <span className={`font-semibold ${colour}`}>{name}</span> {formatNumber(report.bitsPerVector)} bits a vector (
        {formatNumber(report.smaller)} times smaller), ranks{" "}
        {report.rankCorrelation === null ? "none" : report.rankCorrelation.toFixed(4)}
        {report.variance !== null && `, ${(100 * report.variance).toFixed(1)} % of the variance kept`}
        {report.leftOut > 0 && `, ${formatCount(report.leftOut)} vectors without a direction or not finite left out`}
      </span>
    );
  const first = a ?? b;
  if (!first && !note) return null;
  return (
    <p className="m-0 flex flex-wrap gap-x-3 text-xs">
      {one("A", "text-a", a)}
      {one("B", "text-b", b)}
      {first && (
        <span className="text-muted">
          {formatCount(first.queries)} queries, quantized as the table is; bars are a standard error, dots what chance
          finds
        </span>
      )}
      {note && <span className="text-muted">{note}</span>}
    </p>
  );
}
