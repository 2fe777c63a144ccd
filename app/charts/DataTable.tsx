/** The figures behind a chart, readable and copyable. */
import { useState } from "react";
import { Button } from "./Controls.tsx";
import { csvOf } from "./csv.ts";
import { formatCell, formatCount } from "./numbers.ts";

export interface TableData {
  caption: string;
  /** Headings with their units. */
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

const SHOWN = 200;

export function DataTable({ data }: { data: TableData }) {
  const [said, say] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(csvOf(data.columns, data.rows));
      say(`${formatCount(data.rows.length)} rows copied`);
    } catch {
      say("The browser did not allow copying.");
    }
  };
  const shown = data.rows.slice(0, SHOWN);
  return (
    <div className="flex h-full min-h-0 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-2 py-1 text-xs text-muted">
        <Button onClick={copy}>Copy as CSV</Button>
        <span role="status">
          {said ||
            (shown.length < data.rows.length
              ? `first ${formatCount(shown.length)} of ${formatCount(data.rows.length)} rows`
              : `${formatCount(data.rows.length)} rows`)}
        </span>
      </div>
      <section
        className="min-h-0 flex-1 overflow-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={data.caption}
      >
        <table className="w-full border-collapse text-xs">
          <caption className="sr-only">{data.caption}</caption>
          <thead>
            <tr>
              {data.columns.map((column) => (
                <th
                  key={column}
                  scope="col"
                  className="sticky top-0 border-b border-line bg-panel px-2 py-1 text-right font-medium text-muted"
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j} className="border-b border-grid px-2 py-0.5 text-right whitespace-nowrap">
                    {typeof cell === "number" ? formatCell(cell) : (cell ?? "–")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
