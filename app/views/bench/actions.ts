/** What can be done with the marked element. */
import type { Action } from "../../actions/action.ts";
import type { Workbench } from "../../state/workbench.ts";

export function benchActions({ runs, highlight }: Workbench): readonly Action[] {
  const step = (dRow: number, dCol: number) => () => {
    const { a, b } = runs.store.getState();
    const matrix = (a.shown ?? b.shown)?.report.matrix;
    if (matrix) highlight.getState().step(matrix.rows, matrix.cols, dRow, dCol);
  };
  return [
    { id: "left", label: "Mark the element to the left", group: "View", keys: ["alt+arrowleft"], run: step(0, -1) },
    { id: "right", label: "Mark the element to the right", group: "View", keys: ["alt+arrowright"], run: step(0, 1) },
    { id: "up", label: "Mark the element above", group: "View", keys: ["alt+arrowup"], run: step(-1, 0) },
    { id: "down", label: "Mark the element below", group: "View", keys: ["alt+arrowdown"], run: step(1, 0) },
  ];
}
