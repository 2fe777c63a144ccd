import fc from "fast-check";
import { expect, it } from "vitest";
import { cutRectangle, eachPart, partCount } from "./bands.ts";
import { piecesOf } from "./pieces.ts";

const upTo = (max: number) => fc.integer({ min: 1, max });

it("parts cover a rectangle once, lie within one period each and are no larger than asked", () => {
  const property = fc.property(
    fc.record({ row: fc.nat(50), rows: upTo(40), col: fc.nat(50), cols: upTo(90) }),
    fc.oneof(upTo(50), fc.constant(Infinity)),
    fc.oneof(upTo(100), fc.constant(Infinity)),
    (area, periodRows, periodCols) => {
      const cut = cutRectangle(area, periodRows, periodCols, { thread: 16, group: 128 });
      const seen = new Uint8Array(area.rows * area.cols);
      let parts = 0;
      eachPart(cut, (part, rowEntry, colEntry) => {
        expect(part).toBe(parts++);
        const [r0, r1] = cut.rows.spans.subarray(2 * Math.floor(part / cut.cols.entries.length));
        const [c0, c1] = cut.cols.spans.subarray(2 * (part % cut.cols.entries.length));
        expect((r1 - r0) * (c1 - c0)).toBeLessThanOrEqual(cut.byGroup ? 128 : 16);
        for (const r of [r0, r1 - 1]) expect(Math.floor((area.row + r) / periodRows)).toBe(rowEntry);
        for (const c of [c0, c1 - 1]) expect(Math.floor((area.col + c) / periodCols)).toBe(colEntry);
        for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) seen[r * area.cols + c]++;
      });
      expect(parts).toBe(partCount(cut));
      expect(seen.every((n) => n === 1)).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 40 });
});

it("pieces cover a tile in order and are no larger than asked", () => {
  const property = fc.property(upTo(9), upTo(60), upTo(90), fc.nat(9), (rows, cols, most, row0) => {
    const nothing = new Float32Array(0);
    let at = 0;
    for (const piece of piecesOf({ row0, rows, cols, original: nothing, input: nothing }, most)) {
      expect(piece.start).toBe(at);
      expect(piece.count).toBe(piece.rows * piece.cols);
      expect(piece.count).toBeLessThanOrEqual(most);
      expect((piece.row - row0) * cols + piece.col).toBe(at);
      if (piece.cols < cols) expect(piece.rows).toBe(1);
      at += piece.count;
    }
    expect(at).toBe(rows * cols);
  });
  fc.assert(property);
});
