/** What the files leave open: each question with its answers, which can be turned over, and how the values are spread under each. */
import { useId } from "react";
import { addressOf, splitAddress } from "../../../workers/layouts/address.ts";
import { chosen, parseChoices, printChoices } from "../../../workers/layouts/reading.ts";
import type { Plausibility, StoredFigures } from "../../../workers/layouts/stored-figures.ts";
import type { Reading } from "../../../workers/tensors/stored.ts";
import { formatNumber } from "../../charts/numbers.ts";
import { forgetting } from "../../state/experiment.ts";
import { useWorkbench } from "../../state/workbench.ts";
import { favoured } from "./plausible.ts";

interface Props {
  /** The weight's own name, and its address under the present reading. */
  name: string;
  address: string;
  readings: readonly Reading[];
  figures: StoredFigures | null;
  stale: boolean;
}

export function Readings({ name, address, readings, figures, stale }: Props) {
  const { timeline } = useWorkbench();
  const choices = choicesOf(name, address, readings);
  const choose = (id: string, option: string) =>
    timeline.change((e) =>
      forgetting({ ...e, tensor: addressOf(name, printChoices(readings, { ...choices, [id]: option })) }, "values"),
    );
  return (
    <div className={stale ? "opacity-60" : ""}>
      <h4 className="m-0 font-semibold">Read as</h4>
      {readings.map((reading) => (
        <Question
          key={reading.id}
          reading={reading}
          value={chosen(reading, choices)}
          spreads={figures?.plausibility.filter((p) => p.reading === reading.id) ?? []}
          onChoose={(option) => choose(reading.id, option)}
        />
      ))}
      <p className="m-0 text-muted">
        Weights are of ordinary size, their mean is near zero, blocks are of like size (the deviation of their sizes is
        in octaves), kurtosis is near 3, and neighbours may correlate. Under a wrong reading this seldom holds.
      </p>
    </div>
  );
}

/** An address that asks for a reading there is not is read as usual here; the Bench says what is wrong with it. */
function choicesOf(name: string, address: string, readings: readonly Reading[]) {
  try {
    return address === name ? {} : parseChoices(splitAddress(address)?.reading ?? "", name, readings);
  } catch {
    return {};
  }
}

interface QuestionProps {
  reading: Reading;
  value: string;
  spreads: readonly Plausibility[];
  onChoose: (option: string) => void;
}

function Question({ reading, value, spreads, onChoose }: QuestionProps) {
  const group = useId();
  const best = favoured(spreads);
  const words =
    spreads.length === 0
      ? ""
      : best === null
        ? "The values are spread alike: they do not tell."
        : best === value
          ? "The values speak for this reading."
          : "The values speak for the other reading.";
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0 pb-1.5">
      <legend className="p-0 text-muted">{reading.label}</legend>
      <ul className="m-0 list-none p-0">
        {reading.options.map(({ id, label }) => {
          const spread = spreads.find((p) => p.option === id);
          return (
            <li key={id} className="border-grid border-t py-0.5">
              <label className="flex cursor-pointer items-center gap-1.5 pointer-coarse:min-h-11">
                <input type="radio" name={group} checked={id === value} onChange={() => onChoose(id)} />
                <span className={id === value ? "font-semibold" : ""}>{label}</span>
                {id === reading.usual && <span className="text-faint">usual</span>}
              </label>
              <p className="m-0 pl-5 text-[11px] text-muted">{spread ? spreadText(spread) : "…"}</p>
            </li>
          );
        })}
      </ul>
      <p className={`m-0 ${best !== null && best !== value ? "text-warn" : "text-muted"}`} role="status">
        {words}
      </p>
    </fieldset>
  );
}

/** The spread in a line; its mean in standard deviations. */
function spreadText({ mean, std, kurtosis, blockSpread, neighbours, nonFinite }: Plausibility): string {
  const figure = (value: number | null): string => (value === null ? "–" : formatNumber(value, 3));
  return [
    `σ ${figure(std)}`,
    `mean ${std > 0 ? (mean / std).toFixed(2).replace("-0.00", "0.00") : "–"} σ`,
    `kurtosis ${figure(kurtosis)}`,
    `blocks ${figure(blockSpread)}`,
    `neighbours ${neighbours === null ? "–" : neighbours.toFixed(2)}`,
    ...(nonFinite > 0 ? [`${nonFinite} not finite`] : []),
  ].join(" · ");
}
