import { describe, expect, it } from "vitest";
import { cellsOf, edited, isCellNumber, resized, textOf } from "./cells.ts";

describe("typed cells", () => {
  it("reads lists, lines and tables as rows", () => {
    const rows = [
      ["1", "-2.5"],
      ["3e4", "0"],
    ];
    expect(cellsOf("1, -2.5\n3e4, 0\n")).toEqual(rows);
    expect(cellsOf("[[1, -2.5], [3e4, 0]]")).toEqual(rows);
    expect(cellsOf("tensor([[1, -2.5],\n [3e4, 0]])")).toEqual(rows);
    expect(cellsOf(textOf(rows))).toEqual(rows);
  });

  it("edits one and keeps the others as typed", () => {
    expect(textOf(edited(cellsOf("0.10, 2\n3, 4"), 1, 0, "7"))).toBe("0.10, 2\n7, 4");
    expect(resized([["1"]], 2, 2)).toEqual([
      ["1", "0"],
      ["0", "0"],
    ]);
  });

  it("tells numbers from other texts", () => {
    for (const good of ["1", "-.5", "2.", "1e-3", "nan", "-Inf"]) expect(isCellNumber(good)).toBe(true);
    for (const bad of ["", "1,2", "abc", "1e", "--1"]) expect(isCellNumber(bad)).toBe(false);
  });
});
