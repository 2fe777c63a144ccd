/** Small labelled controls that are made from the registries' signatures, so that a new name or option needs none of its own. */
import { type CSSProperties, type ReactNode, useEffect, useId, useState } from "react";
import type { Call } from "../../kernels/grammar/ast.ts";
import type { Entry, Parameter, Role } from "../../kernels/grammar/signature.ts";
import { expectation, type NotationOptions, wordArg } from "../../kernels/notation/index.ts";
import { messageOf } from "../state/notices.ts";
import { argumentText, entryOf, isPrimary, withArgument } from "./edit.ts";

export interface Choice {
  value: string;
  label?: string;
  describe?: string;
}

/** A labelled list of choices; `name` is what assistive technology says, the label what stands above. */
export function SelectField(props: {
  label: string;
  name: string;
  value: string;
  groups: readonly { label: string | null; choices: readonly Choice[] }[];
  disabled?: boolean;
  /** Least width in CSS pixels; fields share what is left of a line. */
  width?: number;
  /** What the choice is about, for a newcomer. */
  describe?: string;
  onChange: (value: string) => void;
}) {
  const chosen = props.groups.flatMap((g) => g.choices).find((c) => c.value === props.value);
  const title = [props.describe, chosen?.describe && `${chosen.label ?? chosen.value}: ${chosen.describe}`];
  const option = (c: Choice) => (
    <option key={c.value} value={c.value} title={c.describe}>
      {c.label ?? c.value}
    </option>
  );
  return (
    <label
      className="flex min-w-0 flex-col pointer-coarse:max-w-full min-[860px]:max-w-36 min-[860px]:grow min-[860px]:basis-(--wide) min-[860px]:max-[1199px]:basis-[calc(var(--wide)+10px)]"
      style={{ "--wide": props.width ? `${props.width}px` : "auto" } as CSSProperties}
      title={title.filter(Boolean).join("\n") || undefined}
    >
      <span className="label truncate">{props.label}</span>
      <select
        className="field w-full"
        aria-label={props.name}
        value={props.value}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {!chosen && option({ value: props.value })}
        {props.groups.map((g) =>
          g.label === null ? (
            g.choices.map(option)
          ) : (
            <optgroup key={g.label} label={g.label}>
              {g.choices.map(option)}
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}

/** A text that is taken on Enter or when the field is left; what cannot be taken stays, with the reason under it. */
export function TextField(props: {
  label: string;
  name: string;
  value: string;
  numeric?: boolean;
  placeholder?: string;
  width?: number;
  onCommit: (text: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState(props.value);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(props.value);
    setProblem(null);
  }, [props.value]);
  const commit = () => {
    if (text.trim() === props.value) return setProblem(null);
    try {
      props.onCommit(text.trim());
      setProblem(null);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <label className="flex min-w-0 flex-col">
      <span className="label">{props.label}</span>
      <input
        className="field w-(--wide) pointer-coarse:w-20"
        style={{ "--wide": `${props.width ?? 64}px` } as CSSProperties}
        aria-label={props.name}
        aria-invalid={problem !== null}
        aria-describedby={problem ? id : undefined}
        inputMode={props.numeric ? "decimal" : undefined}
        spellCheck={false}
        autoComplete="off"
        placeholder={props.placeholder}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape" && text !== props.value) {
            event.preventDefault();
            setText(props.value);
          }
        }}
      />
      {problem && (
        <span id={id} role="alert" className="max-w-40 text-bad text-xs">
          {problem}
        </span>
      )}
    </label>
  );
}

/** Keys of the notation that are short for a word. */
const words: Readonly<Record<string, string>> = {
  n: "Size",
  sat: "Saturation",
  arith: "Arithmetic",
  nonfinite: "NaN and Inf",
  frac: "Fraction bits",
};

/** A key as the label of a field: words with a capital, the one-letter names of the papers as they are. */
const labelOf = ({ key }: Parameter): string =>
  words[key] ?? (key.length > 1 ? key[0].toUpperCase() + key.slice(1) : key);

/** The control of one option of a call. */
export function ArgumentField(props: {
  call: Call;
  parameter: Parameter;
  name: string;
  options: NotationOptions;
  onChange: (call: Call) => void;
}) {
  const { call, parameter: p, options } = props;
  const value = argumentText(call, p, options);
  const change = (text: string) => props.onChange(withArgument(call, p, text, options));
  const name = `${props.name} ${p.key}`;
  if (p.kind === "word") {
    const choices: Choice[] = (p.words ?? []).map((word) => ({ value: word }));
    if (p.optional) choices.unshift({ value: "", label: "–" });
    return (
      <SelectField
        label={labelOf(p)}
        name={name}
        describe={p.describe}
        width={58}
        value={value}
        groups={[{ label: null, choices }]}
        onChange={change}
      />
    );
  }
  return (
    <TextField
      label={labelOf(p)}
      name={name}
      value={value}
      numeric={p.kind === "number" || p.kind === "integer"}
      placeholder={p.optional ? "–" : undefined}
      width={
        p.kind === "values"
          ? 200
          : p.kind === "quantizer" || p.kind === "quantizers" || p.kind === "expression"
            ? 110
            : p.kind === "integer"
              ? p.key === "seed"
                ? 28
                : 32
              : 56
      }
      onCommit={change}
    />
  );
}

/** The options of a call that belong beside its name, or the others. */
export function ArgumentFields(props: {
  call: Call;
  name: string;
  which: "primary" | "other";
  options: NotationOptions;
  /** Where a format stands: options that mean nothing there are left out. */
  role?: Role;
  onChange: (call: Call) => void;
}): ReactNode {
  const entry: Entry | undefined = entryOf(props.call.name);
  const { call, role } = props;
  const means = ({ roles, needs }: Parameter) =>
    (!role || !roles || roles.includes(role)) && (!needs || wordArg(call, needs.key) === needs.word);
  const params = entry?.params.filter((p) => means(p) && isPrimary(p) === (props.which === "primary")) ?? [];
  return params.map((p) => (
    <div
      key={p.key}
      className="min-w-0 has-[select]:flex has-[select]:grow"
      title={`${p.describe} (${expectation(p)})`}
    >
      <ArgumentField
        call={props.call}
        parameter={p}
        name={props.name}
        options={props.options}
        onChange={props.onChange}
      />
    </div>
  ));
}
