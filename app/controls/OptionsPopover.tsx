/** What is set more rarely: the other options of each part, and the scales of scales. Open as soon as it is drawn. */
import { Popover } from "@base-ui/react/popover";
import { Icon } from "../widgets/icons.tsx";
import { BlockFields } from "./BlockFields.tsx";
import { roundingChoices } from "./choices.ts";
import { withBlock, withRounding } from "./edit.ts";
import { ArgumentFields, SelectField } from "./fields.tsx";
import { type QuantizerProps, ScaleFields } from "./ScaleFields.tsx";

export function OptionsPopover({ name, q, options, onChange }: QuantizerProps) {
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger className="btn btn-quiet px-1" aria-label={`${name} options`} title="Options">
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
            role={level > 0 ? "scale" : q.block ? "element" : "cast"}
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
