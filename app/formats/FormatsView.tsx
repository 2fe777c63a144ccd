/** Any format on a number line, bit by bit, and beside another. */
import { type FormEvent, useId, useMemo, useState } from "react";
import { formats, GIVEN } from "../../kernels/formats/registry.ts";
import { Button } from "../charts/Controls.tsx";
import type { FormatsViewProps, Side } from "../charts/types.ts";
import { BitSwitches, CodeReading, CodeTable } from "./CodePanel.tsx";
import { factsOf } from "./facts.ts";
import { NumberLine } from "./NumberLine.tsx";
import { PrecisionChart } from "./PrecisionChart.tsx";
import { codesOf, readFormat, valueOfCode } from "./readFormat.ts";

export function FormatsView({ format: text, compare, onFormat, onCompare }: FormatsViewProps) {
  const main = useMemo(() => readFormat(text), [text]);
  const other = useMemo(() => (compare === null ? null : readFormat(compare)), [compare]);
  const rows = useMemo(
    () => [
      ...(main.format ? [{ side: "a" as Side, name: text, format: main.format }] : []),
      ...(other?.format ? [{ side: "b" as Side, name: compare ?? "", format: other.format }] : []),
    ],
    [main, other, text, compare],
  );
  const coded = useMemo(
    () => rows.flatMap((r) => (r.format.kind === "identity" ? [] : [{ ...r, format: r.format }])),
    [rows],
  );
  return (
    <div className="@container flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <FormatField
          label="Format"
          side="a"
          text={text}
          problem={main.problem}
          elements={main.format && main.elements}
          onText={onFormat}
        />
        <FormatField
          label="Compare with"
          side="b"
          text={compare ?? ""}
          problem={other?.problem ?? null}
          elements={other?.format ? other.elements : null}
          onText={(t) => onCompare(t === "" ? null : t)}
        />
      </div>
      {rows.length > 0 && (
        <div className="grid grid-cols-1 gap-x-6 gap-y-4 @3xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            <Codes key={`${rows[0].side}${rows[0].name}`} rows={coded} main={rows[0]} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <Facts rows={rows} />
            <div className="h-56">
              <PrecisionChart rows={rows} />
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

type Shown = { side: Side; name: string; format: NonNullable<ReturnType<typeof readFormat>["format"]> };

/** The number line and the picked code below it. A new format starts at the code of its middle. */
function Codes(props: { rows: Parameters<typeof NumberLine>[0]["rows"]; main: Shown }) {
  const { rows, main } = props;
  const { format } = main;
  const [picked, pick] = useState(() => Math.min(codesOf(format) - 1, format.kind === "identity" ? 0x3f800000 : 1));
  const code = Math.min(picked, codesOf(format) - 1);
  return (
    <>
      {rows.length > 0 && rows[0].side === main.side && (
        <div className="h-48 pointer-coarse:h-72">
          <NumberLine rows={rows} picked={valueOfCode(format, code)} onPick={pick} />
        </div>
      )}
      <section aria-label={`Codes of ${main.name}`} className="flex min-w-0 flex-col gap-2">
        <BitSwitches format={format} code={code} onCode={pick} />
        <CodeReading format={format} code={code} />
        {format.kind !== "identity" && <CodeTable format={format} code={code} onCode={pick} />}
      </section>
    </>
  );
}

function Facts({ rows }: { rows: readonly Shown[] }) {
  const columns = useMemo(() => rows.map((r) => ({ ...r, facts: factsOf(r.format) })), [rows]);
  return (
    <table className="w-full self-start border-collapse text-sm">
      <caption className="pb-1 text-left text-sm font-semibold">Range and precision</caption>
      <thead>
        <tr>
          <td className="border-b border-line" />
          {columns.map((c) => (
            <th
              key={c.side}
              scope="col"
              className={`border-b border-line px-2 py-1 text-right font-mono font-semibold break-all ${c.side === "a" ? "text-a" : "text-b"}`}
            >
              {c.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {columns[0].facts.map((fact, i) => (
          <tr key={fact.name}>
            <th scope="row" className="border-b border-grid py-1 pr-2 text-left font-normal text-muted">
              {fact.name}
            </th>
            {columns.map((c) => (
              <td key={c.side} className="border-b border-grid px-2 py-1 text-right">
                {c.facts[i].text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A field that keeps what is being typed and hands it on by Enter, by leaving it, or by choosing from the list. */
function FormatField(props: {
  label: string;
  side: Side;
  text: string;
  problem: string | null;
  elements: string | null;
  onText: (text: string) => void;
}) {
  const [draft, setDraft] = useState({ of: props.text, text: props.text });
  const id = useId();
  if (draft.of !== props.text) setDraft({ of: props.text, text: props.text });
  const send = (text: string) => text.trim() !== props.text && props.onText(text.trim());
  const submit = (e: FormEvent) => {
    e.preventDefault();
    send(draft.text);
  };
  return (
    <form onSubmit={submit} className="min-w-0">
      <label htmlFor={id} className={`block text-xs font-semibold ${props.side === "a" ? "text-a" : "text-b"}`}>
        {props.label}
      </label>
      <span className="flex gap-1">
        <input
          id={id}
          list={`${id}-formats`}
          value={draft.text}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          aria-invalid={props.problem !== null}
          aria-describedby={props.problem ? `${id}-problem` : undefined}
          onChange={(e) => {
            setDraft({ ...draft, text: e.target.value });
            if (formats.some((f) => f.name === e.target.value && readFormat(f.name).format)) send(e.target.value);
          }}
          onBlur={() => send(draft.text)}
          className="h-8 w-64 max-w-full rounded border border-line bg-panel px-2 font-mono text-sm text-ink pointer-coarse:h-11 focus-visible:outline-2 focus-visible:outline-accent"
        />
        {props.side === "b" && props.text !== "" && (
          <Button label="✕ compare with nothing" onClick={() => props.onText("")}>
            ✕
          </Button>
        )}
      </span>
      <datalist id={`${id}-formats`}>
        {formats
          .filter(({ name }) => name !== GIVEN)
          .map((f) => (
            <option key={f.name} value={f.name}>
              {f.describe}
            </option>
          ))}
      </datalist>
      {props.elements !== null && (
        <p className="m-0 max-w-80 text-muted text-xs">
          Its elements are <code className="font-mono">{props.elements}</code>; what its blocks and scales make of them
          is seen on the Bench.
        </p>
      )}
      {props.problem && (
        <p id={`${id}-problem`} className="m-0 max-w-80 text-xs text-bad">
          {props.problem}
        </p>
      )}
    </form>
  );
}
