/** How a block's scale is picked and stored. */

import type { Quantizer } from "../../kernels/grammar/ast.ts";
import type { NotationOptions } from "../../kernels/notation/index.ts";
import { useArrivals } from "../state/vocabulary.ts";
import { ruleChoices, scaleChoices } from "./choices.ts";
import { withRule, withScaleFormat } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";

export interface QuantizerProps {
  name: string;
  q: Quantizer;
  options: NotationOptions;
  onChange: (q: Quantizer) => void;
}

export function ScaleFields({ name, q, options, onChange }: QuantizerProps) {
  useArrivals();
  return (
    <>
      <SelectField
        label="Scale rule"
        name={`${name} scale rule`}
        value={q.rule?.name ?? ""}
        groups={ruleChoices(q)}
        width={64}
        describe="How the scale of a block is found from its values"
        onChange={(value) => onChange(withRule(q, value))}
      />
      {q.rule && (
        <ArgumentFields
          call={q.rule}
          name={`${name} scale rule`}
          which="primary"
          options={options}
          onChange={(rule) => onChange({ ...q, rule })}
        />
      )}
      <SelectField
        label="Scale stored as"
        name={`${name} scale format`}
        value={q.scale?.base.name ?? "f32"}
        groups={scaleChoices}
        width={82}
        describe="The format of the stored scales"
        onChange={(value) => onChange(withScaleFormat(q, value))}
      />
    </>
  );
}
