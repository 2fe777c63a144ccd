import { Choice } from "../../charts/Controls.tsx";
import type { HeatMapMode } from "./options.ts";

interface Props {
  /** `null` while the values are shown. */
  mode: HeatMapMode | null;
  onMode: (mode: HeatMapMode) => void;
  /** Shows the values in the map's place. */
  onValues?: (() => void) | undefined;
}

/** What stands in the map's place: the errors of A, of B, their difference, or the values themselves. */
export function MapModes({ mode, onMode, onValues }: Props) {
  return (
    <Choice<HeatMapMode | "values">
      label="What the map shows"
      value={mode ?? "values"}
      options={[
        { value: "a", label: "A", name: "A, error of A" },
        { value: "b", label: "B", name: "B, error of B" },
        { value: "difference", label: "A−B", name: "A−B, difference of the errors" },
        ...(onValues ? [{ value: "values" as const, label: "values", name: "values, before and after" }] : []),
      ]}
      onChange={(to) => (to === "values" ? onValues?.() : onMode(to))}
    />
  );
}
