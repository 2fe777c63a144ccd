/** Which metric stands at an axis of the frontier. */
import { terms } from "../../glossary/terms.ts";
import { metricLabel } from "./columns.ts";
import type { SweepMetric } from "./state.ts";

interface Props {
  label: string;
  value: SweepMetric;
  choices: readonly SweepMetric[];
  onChoose: (metric: SweepMetric) => void;
}

export function AxisSelect({ label, value, choices, onChoose }: Props) {
  return (
    <select
      className="field min-h-6 pointer-coarse:min-h-11 text-xs"
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value as SweepMetric)}
    >
      {choices.map((m) => (
        <option key={m} value={m} title={terms[m].short}>
          {metricLabel(m)}
        </option>
      ))}
    </select>
  );
}
