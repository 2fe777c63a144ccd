/** A recipe as controls. Each edits the tree; the text follows. */
import type { ReactNode } from "react";
import type { Quantizer, Recipe } from "../../kernels/grammar/ast.ts";
import type { NotationOptions } from "../../kernels/notation/index.ts";
import { BlockFields } from "./BlockFields.tsx";
import { elementChoices, PRESET, roundingChoices } from "./choices.ts";
import { entryOf, meant, withBlock, withFormat, withPreset, withRounding } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";
import { ScaleFields } from "./ScaleFields.tsx";
import { StepFields } from "./StepFields.tsx";

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
  // Formats such as q4_k bring their own blocks, scales and rounding.
  const whole = entryOf(q.base.name)?.whole === true;
  return (
    <div className="fields flex flex-wrap content-start items-end gap-x-[3px] gap-y-1 text-xs">
      <StepFields side="before" name={name} recipe={recipe} options={options} onChange={onChange} />
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
      <StepFields side="after" name={name} recipe={recipe} options={options} onChange={onChange} />
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
