/** A recipe as controls. Each edits the tree; the text follows. */
import type { ReactNode } from "react";
import type { Quantizer, Recipe } from "../../kernels/grammar/ast.ts";
import type { NotationOptions } from "../../kernels/notation/index.ts";
import { BlockFields } from "./BlockFields.tsx";
import { correctionChoices, elementChoices, PRESET, roundingChoices, stepChoices } from "./choices.ts";
import { entryOf, meant, withBlock, withFormat, withPreset, withRounding, withStep } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";
import { ScaleFields } from "./ScaleFields.tsx";

interface Props {
  /** "A" or "B", for names. */
  name: string;
  recipe: Recipe;
  options: NotationOptions;
  onChange: (recipe: Recipe) => void;
  /** What stands after the fields. */
  children?: ReactNode;
}

export function RecipeControls({ name, recipe, options, onChange, children }: Props) {
  const { quantizer: q } = recipe;
  const set = (quantizer: Quantizer) => onChange({ ...recipe, quantizer: meant(quantizer) });
  const step = recipe.before[0];
  const mend = recipe.after[0];
  // Formats such as q4_k bring their own blocks, scales and rounding.
  const whole = entryOf(q.base.name)?.whole === true;
  return (
    <div className="fields flex flex-wrap content-start items-end gap-x-[3px] gap-y-1 text-xs">
      <SelectField
        label="Step"
        name={`${name} step`}
        value={step?.name ?? ""}
        groups={stepChoices}
        width={46}
        describe="What is done to the values before they are quantized, and undone after: rotations, permutations, outliers kept apart"
        onChange={(value) => onChange(withStep(recipe, 0, value))}
      />
      {step && (
        <ArgumentFields
          call={step}
          name={`${name} step`}
          which="primary"
          options={options}
          onChange={(call) => onChange({ ...recipe, before: [call, ...recipe.before.slice(1)] })}
        />
      )}
      <SelectField
        label="Format"
        name={`${name} format`}
        value={q.base.name}
        groups={elementChoices(options.definitions ?? [])}
        width={52}
        describe="The format of each element's code"
        onChange={(value) =>
          value.startsWith(PRESET)
            ? onChange(withPreset(recipe, value.slice(PRESET.length), options))
            : set(withFormat(q, value))
        }
      />
      <ArgumentFields
        call={q.base}
        name={`${name} format`}
        which="primary"
        options={options}
        onChange={(base) => set({ ...q, base })}
      />
      {!whole && <PartFields name={name} q={q} options={options} onChange={set} />}
      <SelectField
        label="Correct"
        name={`${name} correction`}
        value={mend?.name ?? ""}
        groups={correctionChoices}
        width={46}
        describe="What mends the result after it was quantized"
        onChange={(value) => onChange(withStep(recipe, 0, value, "after"))}
      />
      {mend && (
        <ArgumentFields
          call={mend}
          name={`${name} correction`}
          which="primary"
          options={options}
          onChange={(call) => onChange({ ...recipe, after: [call, ...recipe.after.slice(1)] })}
        />
      )}
      {children}
    </div>
  );
}

type PartProps = Pick<Props, "name" | "options"> & { q: Quantizer; onChange: (q: Quantizer) => void };

/** What may be set after the format: block, scales and rounding. */
function PartFields({ name, q, options, onChange: set }: PartProps) {
  return (
    <>
      <BlockFields name={name} block={q.block} onChange={(block) => set(withBlock(q, block))} />
      {q.block && <ScaleFields name={name} q={q} options={options} onChange={set} />}
      <SelectField
        label="Rounding"
        name={`${name} rounding`}
        value={q.rounding?.name ?? ""}
        groups={roundingChoices}
        width={54}
        describe="Which of the two levels around a value becomes its code"
        onChange={(value) => set(withRounding(q, value))}
      />
      {q.rounding && (
        <ArgumentFields
          call={q.rounding}
          name={`${name} rounding`}
          which="primary"
          options={options}
          onChange={(rounding) => set({ ...q, rounding })}
        />
      )}
    </>
  );
}
