/** The steps of one side of a recipe, one control each in their order, and one more to add another. */
import { type ReactNode, useMemo } from "react";
import type { Recipe } from "../../kernels/grammar/ast.ts";
import type { NotationOptions } from "../../kernels/notation/index.ts";
import { knownSteps } from "../../kernels/steps/known.ts";
import { useArrivals } from "../state/vocabulary.ts";
import { stepChoices } from "./choices.ts";
import { withStep } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";

const SIDES = {
  before: {
    label: "Step",
    name: "step",
    describe:
      "What is done to the values before they are quantized, and undone after: rotations, permutations, outliers kept apart; and solvers, which choose the codes",
  },
  after: {
    label: "Correct",
    name: "correction",
    describe: "What mends the result after it was quantized",
  },
} as const;

interface Props {
  side: "before" | "after";
  /** "A" or "B", for names. */
  name: string;
  recipe: Recipe;
  options: NotationOptions;
  onChange: (recipe: Recipe) => void;
}

export function StepFields({ side, name, recipe, options, onChange }: Props) {
  const own = SIDES[side];
  const steps = recipe[side];
  useArrivals();
  const known = knownSteps();
  const choices = useMemo(() => stepChoices(side, known), [side, known]);
  const called = (index: number) => `${name} ${own.name}${index === 0 ? "" : ` ${index + 1}`}`;
  return (
    <>
      {[...steps, null].map((step, index) => (
        // Steps have no identity but their place: a control whose choice changes keeps the focus.
        <StepField
          key={called(index)}
          label={step || index === 0 ? own.label : "and"}
          name={called(index)}
          value={step?.name ?? ""}
          groups={choices}
          describe={own.describe}
          onChoose={(value) => onChange(withStep(recipe, index, value, side))}
          hidden={step === null && index > 0 && steps.length >= MOST}
        >
          {step && (
            <ArgumentFields
              call={step}
              name={called(index)}
              which="primary"
              options={options}
              onChange={(call) => onChange({ ...recipe, [side]: steps.with(index, call) })}
            />
          )}
        </StepField>
      ))}
    </>
  );
}

/** More are written, not picked. */
const MOST = 6;

function StepField(
  props: Omit<Parameters<typeof SelectField>[0], "onChange" | "width"> & {
    hidden: boolean;
    onChoose: (value: string) => void;
    children: ReactNode;
  },
) {
  const { hidden, onChoose, children, ...field } = props;
  if (hidden) return null;
  return (
    <>
      <SelectField {...field} width={58} onChange={onChoose} />
      {children}
    </>
  );
}
