/** The table behind the map. */
import type { HeatFigures, HeatLayout } from "./heat.ts";
import type { MixTensors } from "./tensors.ts";

/** A row a cell that has tensors. */
export function heatRows(
  layout: HeatLayout,
  tensors: MixTensors,
  figures: HeatFigures | null,
): (string | number | null)[][] {
  if (!figures) return [];
  const { values, tensors: counts, without } = figures.cells;
  const width = layout.columns.length;
  const rows: (string | number | null)[][] = [];
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0) continue;
    const { role, expert } = layout.rows[Math.floor(cell / width)];
    const layer = layout.columns[cell % width];
    rows.push([
      ...[layer < 0 ? "ends" : layer, tensors.roles[role], expert < 0 ? null : expert],
      ...[counts[cell], without[cell], Number.isNaN(values[cell]) ? null : values[cell]],
    ]);
  }
  return rows;
}
