/** Any format on a number line, bit by bit, designed by sliders, and beside another. */
import { useMemo, useRef, useState } from "react";
import type { CodedFormat } from "../../../kernels/formats/index.ts";
import { readDefinitions } from "../../controls/definitions.ts";
import { looksOf } from "../../looks/formats.ts";
import { useExperiment, useWorkbench } from "../../state/workbench.ts";
import { BitSwitches, CodeReading, CodeTable } from "./CodePanel.tsx";
import { FormatPane } from "./FormatPane.tsx";
import { factsOf } from "./facts.ts";
import { NumberLine } from "./NumberLine.tsx";
import { PrecisionChart } from "./PrecisionChart.tsx";
import { codesOf, readFormat, type Shown, valueOfCode } from "./readFormat.ts";
import { type FormatRow, rowOf } from "./rows.ts";
import { type FormatUnit, formatsPart } from "./state.ts";

/** The last text that named a format: what is shown while another one has a mistake. */
function useLastShown(text: string | null, definitions: Parameters<typeof readFormat>[1]): Shown | null {
  const last = useRef<Shown | null>(null);
  const shown = useMemo(() => (text === null ? null : readFormat(text, definitions).shown), [text, definitions]);
  if (shown || text === null) last.current = shown;
  return shown ?? last.current;
}

export function FormatsView() {
  const { timeline } = useWorkbench();
  const { format, compare, unit } = useExperiment(formatsPart.of);
  const { definitions } = readDefinitions(useExperiment((e) => e.definitions));
  const main = useLastShown(format, definitions);
  const other = useLastShown(compare, definitions);
  const looks = looksOf([main, other].flatMap((shown) => (shown ? [shown.text] : [])));
  const [colour, colourB] = [main, other].map((shown) => `var(${shown ? looks.get(shown.text)?.colour : "--ink"})`);
  const rows = useMemo(
    () => [...(main ? [rowOf("a", main, unit, colour)] : []), ...(other ? [rowOf("b", other, unit, colourB)] : [])],
    [main, other, unit, colour, colourB],
  );
  const setUnit = (next: FormatUnit) => timeline.change((e) => formatsPart.with(e, { unit: next }));
  const setCompare = (text: string | null) =>
    timeline.change((e) => formatsPart.with(e, { compare: text === "" ? null : text }), { merge: "compare" });
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <div className="grid grid-cols-1 gap-1.5 min-[860px]:grid-cols-2">
        <FormatPane
          side="a"
          label="Format"
          id="format-a"
          colour={colour}
          text={format}
          shown={main}
          definitions={definitions}
          onText={(text) => timeline.change((e) => formatsPart.with(e, { format: text }), { merge: "format" })}
        />
        <FormatPane
          side="b"
          label="Compare with"
          id="format-b"
          colour={colourB}
          text={compare ?? ""}
          shown={other}
          definitions={definitions}
          onText={setCompare}
          onRemove={() => setCompare(null)}
        />
      </div>
      {rows.length > 0 && (
        <Codes key={`${rows[0].side} ${rows[0].shown.format.bits}`} rows={rows} unit={unit} onUnit={setUnit} />
      )}
    </div>
  );
}

/** The number line, the charts and the picked code. */
function Codes({
  rows,
  unit,
  onUnit,
}: {
  rows: readonly FormatRow[];
  unit: FormatUnit;
  onUnit: (u: FormatUnit) => void;
}) {
  const [main] = rows;
  const { format } = main.shown;
  const [picked, pick] = useState(() => Math.min(codesOf(format) - 1, format.kind === "identity" ? 0x3f800000 : 1));
  const code = Math.min(picked, codesOf(format) - 1);
  const coded = rows.filter((r) => r.rounded !== null);
  return (
    <>
      {coded.length > 0 && (
        <div className="pane h-56 p-2 pointer-coarse:h-80">
          <NumberLine
            rows={coded}
            unit={unit}
            onUnit={onUnit}
            picked={coded[0] === main ? valueOfCode(format, code) : Number.NaN}
            onPick={(next) => coded[0] === main && pick(next)}
          />
        </div>
      )}
      <div className="grid grid-cols-1 gap-1.5 min-[860px]:grid-cols-2 min-[1200px]:grid-cols-[minmax(0,4fr)_minmax(0,3fr)_minmax(0,4fr)]">
        <div className="pane h-[26rem] p-2 max-[859px]:h-80">
          <PrecisionChart rows={rows} unit={unit} />
        </div>
        <div className="pane min-w-0 p-2">
          <Facts rows={rows} />
        </div>
        <section
          aria-label={`Codes of ${main.name}`}
          className="pane flex min-h-0 min-w-0 flex-col gap-2 p-2 min-[860px]:max-[1199px]:col-span-2 min-[1200px]:max-h-[26rem]"
        >
          <BitSwitches format={format} code={code} onCode={pick} />
          <CodeReading format={format} code={code} />
          {format.kind !== "identity" && <CodeTable format={format as CodedFormat} code={code} onCode={pick} />}
        </section>
      </div>
    </>
  );
}

function Facts({ rows }: { rows: readonly FormatRow[] }) {
  const columns = useMemo(() => rows.map((r) => ({ ...r, facts: factsOf(r.shown) })), [rows]);
  return (
    <table className="w-full table-fixed self-start border-collapse text-xs">
      <caption className="pb-1 text-left text-sm font-semibold">Range and precision</caption>
      <thead>
        <tr>
          <td className="w-[46%] border-b border-line" />
          {columns.map((c) => (
            <th
              key={c.side}
              scope="col"
              className="break-words border-b border-line px-1 py-0.5 text-right align-bottom font-mono font-semibold"
              style={{ color: c.colour }}
            >
              {c.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {columns[0].facts.map((fact, i) => (
          <tr key={fact.name} className="leading-[18px]">
            <th scope="row" className="border-b border-grid py-px pr-2 text-left font-normal text-muted">
              {fact.name}
            </th>
            {columns.map((c) => (
              <td key={c.side} className="border-b border-grid px-1 py-px text-right" title={c.facts[i].title}>
                {c.facts[i].text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
