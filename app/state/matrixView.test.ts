import { expect, it } from "vitest";
import { matrixSize, matrixViews } from "./matrixView.ts";

it("lists every matrix of a shape once", () => {
  const sizes = (shape: number[]) =>
    matrixViews(shape).map((view) => `${matrixSize(shape, view).join("x")}${view.transpose ? "t" : ""}`);
  expect(sizes([4, 6])).toEqual(["1x24", "4x6", "24x1", "6x4t"]);
  expect(sizes([2, 3, 5])).toEqual(["1x30", "2x15", "6x5", "30x1", "15x2t", "5x6t"]);
  expect(sizes([7])).toEqual(["1x7", "7x1"]);
  expect(sizes([])).toEqual(["1x1"]);
});
