/** How one looks at the map: the options of the chart, in the experiment and in its link. */
import * as v from "valibot";
import { choice, optionalFlag, optionalNumbers, ordered } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";
import type { MatrixWindow } from "../../state/types.ts";

/** What the heat map shows: the error of A, of B, or the magnitude of A's less that of B's. */
export const mapModes = ["a", "b", "difference"] as const;
export type HeatMapMode = (typeof mapModes)[number];

export interface MapOptions {
  mode: HeatMapMode;
  /** Whether the values stand in the map's place; `null` shows pictures so, and errors of everything else. */
  values: boolean | null;
  /** Part of the matrix, or null for the whole. */
  window: MatrixWindow | null;
}

export const mapPart = createPart<MapOptions>(
  "map",
  { mode: "a", values: null, window: null },
  // Another tensor may have as many rows and columns, but others.
  { window: "matrix" },
);

const finite = v.pipe(v.number(), v.finite());
const windowSchema = ordered(v.object({ row0: finite, row1: finite, col0: finite, col1: finite }), (w) => [
  [w.row0, w.row1],
  [w.col0, w.col1],
]);

export const mapLink: LinkPart<MapOptions> = {
  part: mapPart,
  what: "the view",
  fields: {
    mode: choice("map", "the heat map's mode", mapModes),
    values: optionalFlag("vals", "whether values are shown"),
    window: optionalNumbers("w", "the heat map's window", ["row0", "row1", "col0", "col1"], windowSchema),
  },
  earlier: ({ look }) =>
    typeof look === "object" && look !== null && "map" in look ? { ...look, mode: look.map } : look,
};
