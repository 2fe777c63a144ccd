import { describe, expect, it } from "vitest";
import { cellOf, coarseTile, fieldKind, fieldOf, ratioDb, replyTile, scaleFor } from "./mapField.ts";

const map = (error: number[]) => ({
  rows: 2,
  cols: 2,
  cellRows: 2,
  cellCols: 2,
  error: Float64Array.from(error),
  signal: new Float64Array(4),
});

describe("coarse maps", () => {
  // A 3 x 3 matrix: the last cells are cut to two, two and one elements.
  const tile = coarseTile(map([4, 2, 2, 1]), map([16, 2, 0, 1]), 3, 3)!;
  it("give the root mean square over the elements that are there", () => {
    expect([...tile.a!]).toEqual([1, 1, 1, 1]);
    expect([...tile.b!]).toEqual([2, 1, 0, 1]);
  });
  it("compare A with B by difference or in decibels", () => {
    expect([...fieldOf(tile, "difference", "difference")!]).toEqual([-1, 0, 1, 0]);
    const db = fieldOf(tile, "difference", "ratio")!;
    expect(db[0]).toBeCloseTo(-6.0206, 4);
    expect([db[1], db[2]]).toEqual([0, Infinity]);
  });
  it("find the cell of an element", () => {
    expect(cellOf(tile, 2, 1)).toBe(2);
    expect(cellOf(tile, 9, 1)).toBe(-1);
  });
  it("have colours for what the window shows", () => {
    const window = { row0: 0, row1: 2, col0: 2, col1: 4 };
    expect(scaleFor(tile, "magnitude", false, window).hi).toBe(1);
    expect(scaleFor(tile, "magnitude", false, tile).hi).toBe(2);
  });
});

it("reads replies for whichever recipes are there", () => {
  const reply = {
    ...{ row0: 0, row1: 1, col0: 0, col1: 1, outRows: 1, outCols: 1, elements: true },
    rms: [Float32Array.of(5)],
    signed: [Float32Array.of(-5)],
    codes: null,
    values: Float32Array.of(7),
  };
  const onlyB = replyTile(reply, false, true);
  expect([onlyB.a, onlyB.b?.[0], onlyB.signed.b?.[0]]).toEqual([null, 5, -5]);
  expect(replyTile(reply, true, false).a?.[0]).toBe(5);
});

it("shows signs only for one recipe's single elements", () => {
  expect(fieldKind("a", true, true)).toBe("signed");
  expect(fieldKind("difference", true, true)).toBe("ratio");
  expect(fieldKind("difference", false, false)).toBe("difference");
  expect(ratioDb(0, 0)).toBe(0);
});
