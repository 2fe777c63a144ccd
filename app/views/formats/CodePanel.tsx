/** One code of a format: its bits as switches, its value, its neighbours, and all codes beside it. */
import { type CodedFormat, type Format, ladderOf } from "../../../kernels/formats/index.ts";
import { Button } from "../../charts/Controls.tsx";
import { formatCount, formatExact, powerOfTwo } from "../../charts/numbers.ts";
import { useRoving } from "../../widgets/useRoving.ts";
import { bitGroups, bitsOf, codesOf, specialty, toggleBit, valueOfCode } from "./readFormat.ts";

const SHADES: Record<string, string> = {
  sign: "border-bad text-bad",
  exponent: "border-accent text-accent",
};

export function BitSwitches(props: { format: Format; code: number; onCode: (code: number) => void }) {
  const { format, code, onCode } = props;
  let bit = format.bits;
  return (
    <div className="flex flex-wrap items-end gap-3">
      {bitGroups(format).map((group) => (
        <fieldset key={group.name} className="m-0 min-w-0 border-0 p-0">
          <legend className="p-0 text-xs text-muted">{group.name}</legend>
          <div className="flex flex-wrap gap-0.5">
            {Array.from({ length: group.length }, () => {
              bit -= 1;
              const mine = bit;
              const on = Math.floor(code / 2 ** mine) % 2 === 1;
              return (
                <button
                  key={mine}
                  type="button"
                  aria-pressed={on}
                  aria-label={`bit ${mine} of the ${group.name}, ${on ? 1 : 0}`}
                  onClick={() => onCode(toggleBit(format, code, mine))}
                  className={`h-8 w-6 rounded border font-mono text-sm pointer-coarse:h-11 pointer-coarse:w-11 focus-visible:outline-2 focus-visible:outline-accent ${
                    SHADES[group.name] ?? "border-line text-ink"
                  } ${on ? "bg-grid font-bold" : "bg-panel"}`}
                >
                  {on ? 1 : 0}
                </button>
              );
            })}
          </div>
        </fieldset>
      ))}
      <Stepper {...props} />
    </div>
  );
}

/** To the next smaller and the next larger value; codes themselves where the value is no number. */
function Stepper({ format, code, onCode }: { format: Format; code: number; onCode: (code: number) => void }) {
  const move = (by: number) => {
    const value = valueOfCode(format, code);
    if (format.kind === "identity" || !Number.isFinite(value)) {
      const count = codesOf(format);
      return onCode((code + by + count) % count);
    }
    const { levels, codes } = ladderOf(format);
    const at = levels.indexOf(value === 0 ? 0 : value);
    const next = at + by;
    if (at >= 0 && next >= 0 && next < levels.length) onCode(codes[next]);
  };
  return (
    <span className="inline-flex gap-1">
      <Button label="← next smaller value" onClick={() => move(-1)}>
        ←
      </Button>
      <Button label="→ next larger value" onClick={() => move(1)}>
        →
      </Button>
    </span>
  );
}

export function CodeReading({ format, code }: { format: Format; code: number }) {
  const value = valueOfCode(format, code);
  const special = specialty(format, code);
  return (
    <p className="m-0 text-sm" aria-live="polite">
      <span className="text-muted">code</span> {formatCount(code)} <span className="text-muted">= 0x</span>
      {code.toString(16).padStart(Math.ceil(format.bits / 4), "0")} <span className="text-muted">=</span>{" "}
      <strong className="font-semibold">{Object.is(value, -0) ? "−0" : formatExact(value)}</strong>
      {special && <span className="text-warn"> · {special}</span>}
      {format.kind === "float" && Number.isFinite(value) && value !== 0 && (
        <span className="text-muted"> · {factored(format, code)}</span>
      )}
    </p>
  );
}

/** A float's value as sign, significand and power of two. */
function factored(format: Extract<Format, { kind: "float" }>, code: number): string {
  const magnitude = code % 2 ** (format.exponentBits + format.mantissaBits);
  const exponent = Math.floor(magnitude / 2 ** format.mantissaBits);
  const fraction = magnitude % 2 ** format.mantissaBits;
  const subnormal = format.subnormals && exponent === 0;
  const power = (subnormal ? 1 : exponent) - format.bias;
  const significand = (subnormal ? 0 : 1) + fraction / 2 ** format.mantissaBits;
  return `${valueOfCode(format, code) < 0 ? "−" : ""}${significand} × ${powerOfTwo(power)}`;
}

/** Rows on each side of the picked code where a format has too many codes to list. */
const AROUND = 32;

/** All codes up to 8 bits; around the picked one where there are more. */
export function CodeTable(props: { format: CodedFormat; code: number; onCode: (code: number) => void }) {
  const { format, code, onCode } = props;
  const count = codesOf(format);
  const all = count <= 256;
  const from = all ? 0 : Math.max(0, code - AROUND);
  const to = all ? count : Math.min(count, code + AROUND + 1);
  const roving = useRoving(to - from, code - from);
  return (
    <section
      aria-label="Codes"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 min-h-0 overflow-auto rounded border border-line focus-visible:outline-2 focus-visible:outline-accent"
    >
      <table className="w-full border-collapse text-xs">
        <caption className="px-2 py-1 text-left text-muted">
          {all ? `all ${count} codes` : `codes ${formatCount(from)} to ${formatCount(to - 1)} of ${formatCount(count)}`}
        </caption>
        <thead>
          <tr className="text-muted">
            {["code", "bits", "value", ""].map((h, i) => (
              <th
                key={h || "note"}
                scope="col"
                className={`border-b border-line px-2 py-1 font-medium ${i === 3 ? "text-left" : "text-right"}`}
              >
                {h || <span className="sr-only">what it is</span>}
              </th>
            ))}
          </tr>
        </thead>
        {/* 256 codes are one stop of the Tab key: arrows walk among them. */}
        <tbody {...roving.around}>
          {Array.from({ length: to - from }, (_, i) => from + i).map((c) => {
            const value = valueOfCode(format, c);
            return (
              <tr key={c} className={c === code ? "bg-grid font-semibold" : ""} aria-current={c === code || undefined}>
                <td className="px-2 text-right">
                  <button
                    type="button"
                    tabIndex={roving.tabIndex(c - from)}
                    aria-label={`pick code ${c}`}
                    onClick={() => onCode(c)}
                    className="px-1 text-accent underline decoration-dotted underline-offset-2 pointer-coarse:min-h-11 pointer-coarse:min-w-11"
                  >
                    {c}
                  </button>
                </td>
                <td className="px-2 text-right font-mono whitespace-pre">{bitsOf(format, c)}</td>
                <td className="px-2 text-right">{Object.is(value, -0) ? "−0" : formatExact(value)}</td>
                <td className="px-2 text-left font-normal text-muted">{specialty(format, c)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
