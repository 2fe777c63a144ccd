/** Sliders for the widths and the bias of a format; what they cannot say stays in the text. */
import { type ReactNode, useId } from "react";
import { formatEntry, type Top } from "../../../kernels/formats/index.ts";
import type { Call } from "../../../kernels/grammar/ast.ts";
import { SelectField } from "../../controls/fields.tsx";
import {
  callOfDesign,
  type Design,
  type DesignKind,
  designOf,
  type FloatDesign,
  type IntegerDesign,
  integerRanges,
  limits,
  MOST_LEVELS,
  ofKind,
  topsOf,
  usualBias,
  withFloat,
  withInteger,
} from "./designer.ts";
import type { Shown } from "./readFormat.ts";

interface Props {
  /** What the controls are of, for names. */
  name: string;
  shown: Shown;
  onBase: (base: Call) => void;
}

const kindLabels: Record<DesignKind, string> = { float: "float", integer: "integer", table: "table of levels" };

const tops: Record<Top, string> = {
  none: "all numbers",
  nan: "one NaN",
  ieee: "Inf and NaN",
  fnuz: "NaN at −0",
  p3109: "Inf, one NaN",
};

/** Steps of the bias to each side of the usual one. */
const BIASES = 16;

export function Designer({ name, shown, onBase }: Props) {
  const { base } = shown.recipe.quantizer;
  // The name of a definition stands for its codebook, which is a table.
  const design = formatEntry(base.name) ? designOf(base) : null;
  const levels = shown.rounded ? Array.from(shown.rounded.ladder.levels) : [];
  const kind: DesignKind | "" = design?.kind ?? (shown.format.kind === "codebook" ? "table" : "");
  const set = (next: Design) => onBase(callOfDesign(next, base));
  const kinds = (["float", "integer", "table"] as const).filter(
    (k) => k !== "table" || kind === "table" || (levels.length > 1 && levels.length <= MOST_LEVELS),
  );
  return (
    <div className="fields flex flex-wrap items-end gap-x-3 gap-y-1 text-xs">
      <SelectField
        label="Kind"
        name={`${name} kind`}
        value={kind}
        groups={[{ label: null, choices: kinds.map((k) => ({ value: k, label: kindLabels[k] })) }]}
        width={96}
        describe="Another kind begins with as many bits; a table begins with the levels that are there"
        onChange={(next) => next !== kind && onBase(ofKind(next as DesignKind, shown.format, levels))}
      />
      {design?.kind === "float" && (
        <FloatSliders name={name} design={design} onChange={(c) => set(withFloat(design, c))} />
      )}
      {design?.kind === "integer" && (
        <IntegerSliders name={name} design={design} onChange={(c) => set(withInteger(design, c))} />
      )}
      {!design && (
        <p className="m-0 min-w-0 flex-1 pb-1 text-muted">
          {kind === "table"
            ? `${levels.length} levels: edit them in the text as codebook(…).`
            : "It has a definition of its own; another kind starts a design."}
        </p>
      )}
    </div>
  );
}

interface FloatProps {
  name: string;
  design: FloatDesign;
  onChange: (change: Partial<FloatDesign>) => void;
}

function FloatSliders({ name, design, onChange }: FloatProps) {
  const usual = usualBias(design);
  return (
    <>
      <Slider
        label="Exponent"
        name={`${name} exponent bits`}
        value={design.exponentBits}
        min={0}
        max={limits.exponentBits}
        onChange={(exponentBits) => onChange({ exponentBits })}
      />
      <Slider
        label="Mantissa"
        name={`${name} mantissa bits`}
        value={design.mantissaBits}
        min={0}
        max={limits.mantissaBits}
        onChange={(mantissaBits) => onChange({ mantissaBits })}
      />
      <Slider
        label="Bias"
        name={`${name} bias`}
        value={design.bias}
        min={Math.max(-limits.bias, Math.min(design.bias, usual - BIASES))}
        max={Math.min(limits.bias, Math.max(design.bias, usual + BIASES))}
        note={design.bias === usual ? "usual" : undefined}
        onChange={(bias) => onChange({ bias })}
      />
      <SelectField
        label="Top codes"
        name={`${name} top codes`}
        value={design.top}
        groups={[{ label: null, choices: topsOf(design).map((top) => ({ value: top, label: tops[top] })) }]}
        width={88}
        describe="What the codes at the top stand for"
        onChange={(top) => onChange({ top: top as Top })}
      />
      <label className="flex min-h-[26px] items-center gap-1.5 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          className="size-4 accent-(--accent) pointer-coarse:size-11"
          aria-label={`${name} sign bit`}
          checked={design.signed}
          onChange={(event) => onChange({ signed: event.currentTarget.checked })}
        />
        sign
      </label>
    </>
  );
}

interface IntegerProps {
  name: string;
  design: IntegerDesign;
  onChange: (change: Partial<IntegerDesign>) => void;
}

function IntegerSliders({ name, design, onChange }: IntegerProps) {
  const fraction = design.range !== "asym" && design.range !== "unsigned";
  return (
    <>
      <Slider
        label="Bits"
        name={`${name} bits`}
        value={design.bits}
        min={1}
        max={limits.integerBits}
        onChange={(bits) => onChange({ bits })}
      />
      {fraction && (
        <Slider
          label="Fraction"
          name={`${name} fraction bits`}
          value={design.frac}
          min={0}
          max={limits.frac}
          onChange={(frac) => onChange({ frac })}
        />
      )}
      <SelectField
        label="Range"
        name={`${name} range`}
        value={design.range}
        groups={[{ label: null, choices: integerRanges.map((range) => ({ value: range })) }]}
        width={80}
        describe="Which integers there are, and whether they carry a zero point"
        onChange={(range) => onChange({ range: range as IntegerDesign["range"] })}
      />
    </>
  );
}

function Slider(props: {
  label: ReactNode;
  name: string;
  value: number;
  min: number;
  max: number;
  note?: string;
  onChange: (value: number) => void;
}) {
  const id = useId();
  const { value, min, max, note } = props;
  return (
    <div className="flex min-w-28 flex-1 flex-col">
      <label htmlFor={id} className="label flex justify-between gap-2">
        <span>{props.label}</span>
        <span className="text-ink">
          {note && <span className="text-faint">{note} </span>}
          <strong className="font-semibold">{String(value).replace("-", "−")}</strong>
        </span>
      </label>
      <input
        id={id}
        type="range"
        aria-label={props.name}
        className="h-[26px] w-full cursor-pointer accent-(--accent) pointer-coarse:h-11"
        min={min}
        max={max}
        step={1}
        value={value}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}
