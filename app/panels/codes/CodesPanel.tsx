/** Scales, codes and sizes of errors, wired to the marked element. */
import type { PanelProps } from "../../page/panel.ts";
import { ScaleAndCodes } from "./ScaleAndCodes.tsx";

export function CodesPanel({ charts: c }: PanelProps) {
  const { a, b } = c.inspections;
  const scales = (i: typeof a) => i?.scales.map((s) => s.value) ?? null;
  return (
    <ScaleAndCodes
      {...c.pair}
      highlight={c.highlight}
      onHighlight={c.onHighlight}
      highlightCode={{ a: a?.code ?? null, b: b?.code ?? null }}
      highlightScales={{ a: scales(a), b: scales(b) }}
      highlightError={{ a: a?.error ?? null, b: b?.error ?? null }}
    />
  );
}
