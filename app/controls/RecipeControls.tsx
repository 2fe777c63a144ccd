/** A recipe as controls. Each edits the tree; the text follows. */
import { Popover } from "@base-ui/react/popover";
import type { NotationOptions, Quantizer, Recipe } from "../../kernels/notation/index.ts";
import { Icon } from "../shell/icons.tsx";
import { BlockFields } from "./BlockFields.tsx";
import { elementChoices, PRESET, roundingChoices, ruleChoices, scaleChoices, stepChoices } from "./choices.ts";
import { withBlock, withFormat, withPreset, withRounding, withRule, withScaleFormat, withStep } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";

interface Props {
  /** "A" or "B", for names. */
  name: string;
  recipe: Recipe;
  options: NotationOptions;
  onChange: (recipe: Recipe) => void;
}

export function RecipeControls({ name, recipe, options, onChange }: Props) {
  const { quantizer: q } = recipe;
  const set = (quantizer: Quantizer) => onChange({ ...recipe, quantizer });
  const step = recipe.before[0];
  return (
    // Two lines are kept for it, so that the charts below stay where they are when an option comes or goes.
    <div className="flex flex-wrap content-start items-end gap-x-1.5 gap-y-1 text-xs min-[860px]:min-h-[84px]">
      <SelectField
        label="Rotation"
        name={`${name} rotation`}
        value={step?.name ?? ""}
        groups={stepChoices}
        width={62}
        onChange={(value) => onChange(withStep(recipe, 0, value))}
      />
      {step && (
        <ArgumentFields
          call={step}
          name={`${name} rotation`}
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
        width={80}
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
      <BlockFields name={name} block={q.block} onChange={(block) => set(withBlock(q, block))} />
      {q.block && <ScaleFields name={name} q={q} options={options} onChange={set} />}
      <SelectField
        label="Rounding"
        name={`${name} rounding`}
        value={q.rounding?.name ?? ""}
        groups={roundingChoices}
        width={62}
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
      <OptionsPopover name={name} q={q} options={options} onChange={set} />
    </div>
  );
}

type QuantizerProps = { name: string; q: Quantizer; options: NotationOptions; onChange: (q: Quantizer) => void };

function ScaleFields({ name, q, options, onChange }: QuantizerProps) {
  return (
    <>
      <SelectField
        label="Scale rule"
        name={`${name} scale rule`}
        value={q.rule?.name ?? ""}
        groups={ruleChoices}
        width={74}
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
        label="Stored as"
        name={`${name} scale format`}
        value={q.scale?.base.name ?? "f32"}
        groups={scaleChoices}
        width={80}
        onChange={(value) => onChange(withScaleFormat(q, value))}
      />
    </>
  );
}

/** What is set more rarely: the other options of each part, and the scales of scales. */
function OptionsPopover({ name, q, options, onChange }: QuantizerProps) {
  return (
    <Popover.Root>
      <Popover.Trigger className="btn btn-quiet" aria-label={`${name} options`} title="Options">
        <Icon name="options" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} collisionPadding={8} className="z-40">
          <Popover.Popup className="popup w-[440px] p-3">
            <Popover.Title className="m-0 mb-2 font-semibold text-sm">Options of recipe {name}</Popover.Title>
            <LevelOptions name={name} q={q} options={options} onChange={onChange} level={0} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function LevelOptions({ name, q, options, onChange, level }: QuantizerProps & { level: number }) {
  const { scale } = q;
  const row = "flex flex-wrap items-end gap-x-2 gap-y-1";
  return (
    <>
      <fieldset className="m-0 mb-3 border-0 p-0">
        <legend className="label mb-1 p-0 font-semibold">
          {level === 0 ? `Elements: ${q.base.name}` : `Scales, level ${level}: ${q.base.name}`}
        </legend>
        <div className={row}>
          {level > 0 && (
            <>
              <ArgumentFields
                call={q.base}
                name={`${name} format`}
                which="primary"
                options={options}
                onChange={(base) => onChange({ ...q, base })}
              />
              <SelectField
                label="Rounding"
                name={`${name} rounding`}
                value={q.rounding?.name ?? ""}
                groups={roundingChoices}
                onChange={(value) => onChange(withRounding(q, value))}
              />
              <BlockFields name={name} block={q.block} onChange={(block) => onChange(withBlock(q, block))} />
              {q.block && <ScaleFields name={name} q={q} options={options} onChange={onChange} />}
            </>
          )}
          <ArgumentFields
            call={q.base}
            name={`${name} format`}
            which="other"
            options={options}
            onChange={(base) => onChange({ ...q, base })}
          />
          {q.rule && (
            <ArgumentFields
              call={q.rule}
              name={`${name} scale rule`}
              which="other"
              options={options}
              onChange={(rule) => onChange({ ...q, rule })}
            />
          )}
          {q.rounding && (
            <ArgumentFields
              call={q.rounding}
              name={`${name} rounding`}
              which="other"
              options={options}
              onChange={(rounding) => onChange({ ...q, rounding })}
            />
          )}
        </div>
      </fieldset>
      {scale && (
        <LevelOptions
          name={`${name} scale`}
          q={scale}
          options={options}
          level={level + 1}
          onChange={(next) => onChange({ ...q, scale: next })}
        />
      )}
    </>
  );
}
