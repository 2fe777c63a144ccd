import type { Panel } from "../../page/panel.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { MOST_COLS, MOST_ROWS } from "./cells.ts";

/** Typed numbers that fit on the screen are edited in place; a map of so few tells nothing more. */
export const cells: Panel = {
  id: "cells",
  title: "Cells",
  place: "top right",
  phone: 420,
  alone: true,
  tall: ({ source }) => source.kind === "text",
  shows: ({ experiment, matrix }) =>
    experiment.source.kind === "text" && matrix !== null && matrix.rows <= MOST_ROWS && matrix.cols <= MOST_COLS,
  View: lazyPart(async () => (await import("./CellEditor.tsx")).CellEditor),
};
