/** The figures of A and B side by side. The better one has a tick as well as its colour. */
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import { areComparable, shownOf } from "../../../kernels/measure/metrics/reading.ts";
import type { Report } from "../../../kernels/measure/report.ts";
import { Term } from "../../glossary/Term.tsx";
import {
  betterSide,
  formatDifference,
  formatMetric,
  type MetricSpec,
  metricText,
  metricValue,
  specsOf,
} from "../../metrics/metrics.ts";
import { comparable, isStale } from "../../state/results.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { useRoving } from "../../widgets/useRoving.ts";

export function MetricsTable() {
  const { runs } = useWorkbench();
  const results = useStoreOf(runs.store, (s) => s);
  const { a, b } = results;
  const shown = comparable(results);
  const ra = shown.a?.report ?? null;
  const rb = shown.b?.report ?? null;
  const notes = notesOf(ra, rb);
  const specs = specsOf([ra, rb].flatMap((report) => report?.metrics ?? []));
  const roving = useRoving(specs.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <section aria-label="Metrics" className="h-full overflow-auto" tabIndex={0}>
      <table className="w-full table-fixed border-collapse text-[11px]">
        <caption className="sr-only">Metrics of A and B, and B less A</caption>
        <thead>
          <tr className="sticky top-0 bg-panel text-right text-muted text-xs">
            <th scope="col" className="w-[26%] px-2 text-left font-normal">
              Metric
            </th>
            <th scope="col" className="px-1 font-semibold" style={{ color: "var(--a)" }}>
              A
            </th>
            <th scope="col" className="px-1 font-semibold" style={{ color: "var(--b)" }}>
              B
            </th>
            <th
              scope="col"
              className="w-[24%] px-2 font-normal"
              title="B less A; the better figure of the two is bold and has a check mark"
            >
              B − A
            </th>
          </tr>
        </thead>
        {/* The terms are one stop of the Tab key: arrows walk among them. */}
        <tbody {...roving.around}>
          {specs.map((spec, i) => (
            <MetricRow
              key={spec.name}
              spec={spec}
              tabIndex={roving.tabIndex(i)}
              a={ra}
              b={rb}
              staleA={isStale(a)}
              staleB={isStale(b)}
            />
          ))}
        </tbody>
        <Activations a={ra} b={rb} />
        <Breakdown a={ra} b={rb} />
      </table>
      {notes.length > 0 && (
        <ul
          className="m-0 list-none border-line border-t px-2 py-1 text-[11px] text-muted leading-[14px]"
          aria-label="Notes"
        >
          {notes.map(({ sides, note }) => (
            <li key={note}>
              <span className="font-semibold">{sides}</span> {note}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  spec: MetricSpec;
  tabIndex: 0 | -1;
  a: Report | null;
  b: Report | null;
  staleA: boolean;
  staleB: boolean;
}

function MetricRow({ spec, tabIndex, a, b, staleA, staleB }: RowProps) {
  const va = a && metricValue(spec, a.metrics);
  const vb = b && metricValue(spec, b.metrics);
  // A result of another recipe is better or worse than nothing that is asked for.
  const better = a && b && !staleA && !staleB ? betterSide(spec, a.metrics, b.metrics) : null;
  const comparable = a !== null && b !== null && !staleA && !staleB && areComparable(spec, a.metrics, b.metrics);
  const difference = comparable && va !== null && vb !== null ? vb - va : null;
  const cell = (side: "a" | "b", report: Report | null, stale: boolean) => (
    <td
      className={`whitespace-nowrap px-1 ${stale ? "text-faint" : ""} ${better === side ? "font-semibold" : ""}`}
      title={better === side ? "the better of the two" : report ? whyNone(spec, report) : undefined}
      data-metric={`${spec.name}-${side}`}
    >
      {better === side && (
        <>
          <Icon name="better" className="mr-0.5 inline size-3 align-[-1px] text-accent" />
          <span className="sr-only">better: </span>
        </>
      )}
      {report ? metricText(spec, report.metrics) : "–"}
    </td>
  );
  return (
    <tr className="border-grid border-t whitespace-nowrap text-right leading-[16px]">
      <th scope="row" className="px-2 text-left font-normal text-muted">
        <Term of={spec.name} tabIndex={tabIndex}>
          {spec.label}
        </Term>
        {spec.unit && <span className="text-faint text-xs"> {spec.unit}</span>}
      </th>
      {cell("a", a, staleA)}
      {cell("b", b, staleB)}
      <td className="whitespace-nowrap pr-2 pl-1 text-muted">
        {difference === null ? "–" : formatDifference(spec, difference)}
      </td>
    </tr>
  );
}

/** Why a report has no value of a metric. */
const whyNone = (spec: MetricSpec, { metrics }: Report): string | undefined =>
  spec.none && shownOf(spec, metrics) === null ? `No value, since ${spec.none}` : undefined;

/** What the reader must know of either result, each sentence once with the recipes it is about. */
function notesOf(a: Report | null, b: Report | null): { sides: string; note: string }[] {
  const all = [...new Set([...(a?.notes ?? []), ...(b?.notes ?? [])])];
  return all.map((note) => ({
    note,
    sides: [a?.notes.includes(note) ? "A" : "", b?.notes.includes(note) ? "B" : ""].filter(Boolean).join(", "),
  }));
}

/** A part of the bits without its format, so that the same part of A and of B share a row. */
const partName = (what: string): string =>
  what
    .replace(/ \(.*\)$/, "")
    .replace(/, level 1$/, "")
    .replace(", level", "");

/** Where the bits go, part by part. */
/** What quantized activations do to the outputs, beside the weight: each alone, and both. */
const shares = [
  { key: "weightOnly", label: "of weights alone", title: "Output NMSE where activations stay as they are" },
  { key: "activationOnly", label: "of activations alone", title: "Output NMSE where the weight stays as it is" },
  { key: "joint", label: "of both", title: "Output NMSE where both are quantized" },
] as const;

function Activations({ a, b }: { a: Report | null; b: Report | null }) {
  if (!a?.activations && !b?.activations) return null;
  const cell = (report: Report | null, key: (typeof shares)[number]["key"]) => (
    <td className="px-1 align-top" data-share={key}>
      {formatMetric(metricOf("outputNmse"), report?.activations?.[key] ?? null)}
    </td>
  );
  return (
    <tbody className="border-line border-t" aria-label="Output error by what is quantized">
      {shares.map(({ key, label, title }) => (
        <tr key={key} className="text-right leading-[15px]">
          <th scope="row" className="px-2 text-left font-normal text-muted" title={title}>
            {label}
          </th>
          {cell(a, key)}
          {cell(b, key)}
          <td />
        </tr>
      ))}
    </tbody>
  );
}

function Breakdown({ a, b }: { a: Report | null; b: Report | null }) {
  const parts = [...new Set([a, b].flatMap((r) => r?.metrics.bitsBreakdown.map((part) => partName(part.what)) ?? []))];
  if (parts.length === 0) return null;
  const cell = (report: Report | null, what: string) => {
    const part = report?.metrics.bitsBreakdown.find((p) => partName(p.what) === what);
    return (
      <td className="px-1 align-top" title={part?.what}>
        {part?.bitsPerWeight.toFixed(4) ?? "–"}
      </td>
    );
  };
  return (
    <tbody className="border-line border-t" aria-label="Bits a weight by what is stored">
      {parts.map((what) => (
        <tr key={what} className="text-right leading-[15px]">
          <th scope="row" className="px-2 text-left font-normal text-muted" title={`Bits a weight for ${what}`}>
            {what} <span className="text-faint">b</span>
          </th>
          {cell(a, what)}
          {cell(b, what)}
          <td />
        </tr>
      ))}
    </tbody>
  );
}
