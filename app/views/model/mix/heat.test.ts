import { expect, it } from "vitest";
import { figuresOf, inSight, layoutOf, tensorsIn } from "./heat.ts";
import { boxText, selectedBy } from "./selection.ts";
import { moeTensors } from "./testing/tensors.ts";

const tensors = moeTensors(3, 4);

it("roles stand in the order of a layer, what is outside of layers in a column of its own; experts folded and each in a row", () => {
  const folded = layoutOf(tensors, true);
  expect(folded.rows.map(({ role }) => tensors.roles[role])).toEqual(["q_proj", "gate_proj", "down_proj", "embedding"]);
  expect(folded.columns).toEqual([0, 1, 2, -1]);
  const each = layoutOf(tensors, false);
  expect(each.rows.map(({ expert }) => expert)).toEqual([-1, 0, 1, 2, 3, 0, 1, 2, 3, -1]);
  for (const layout of [folded, each]) {
    expect([...layout.order].sort((a, b) => a - b)).toEqual(Array.from({ length: tensors.count }, (_, i) => i));
    for (let c = 0; c + 1 < layout.start.length; c++)
      for (let k = layout.start[c]; k < layout.start[c + 1]; k++) expect(layout.cell[layout.order[k]]).toBe(c);
  }
});

it("means count by values, shares add up, and what has no figure is counted and in none", () => {
  const layout = layoutOf(tensors, true);
  const values = Float64Array.from({ length: tensors.count }, (_, i) => (tensors.expert[i] === 1 ? Number.NaN : i));
  const sum = figuresOf(layout, values, tensors.elements, "sum");
  const finite = values.filter((v) => !Number.isNaN(v));
  expect(sum.columns.values.reduce((a, b) => a + b)).toBe(finite.reduce((a, b) => a + b));
  expect(sum.rows.without.reduce((a, b) => a + b)).toBe(values.length - finite.length);
  const mean = figuresOf(layout, values, tensors.elements, "mean");
  const [gate] = tensorsIn(layout, { row0: 1, row1: 1, column0: 0, column1: 0 });
  const of = tensorsIn(layout, { row0: 1, row1: 1, column0: 0, column1: 0 }).filter((i) => tensors.expert[i] !== 1);
  const weight = of.reduce((w, i) => w + tensors.elements[i], 0);
  expect(mean.cells.values[layout.cell[gate]]).toBeCloseTo(
    of.reduce((s, i) => s + i * tensors.elements[i], 0) / weight,
    12,
  );
  const none = figuresOf(layout, new Float64Array(tensors.count).fill(Number.NaN), tensors.elements, "max");
  expect(none.cells.values.every(Number.isNaN)).toBe(true);
});

it("what a brush selects is said in a text that means the same tensors", () => {
  for (const folded of [true, false]) {
    const layout = layoutOf(tensors, folded);
    const [rows, columns] = [layout.rows.length, layout.columns.length];
    for (let row0 = 0; row0 < rows; row0++)
      for (let row1 = row0; row1 < rows; row1++)
        for (let column0 = 0; column0 < columns; column0++)
          for (let column1 = column0; column1 < columns; column1++) {
            const box = { row0, row1, column0, column1 };
            const { mask, problem } = selectedBy(boxText(tensors, layout, box), tensors);
            expect(problem).toBeNull();
            const meant = tensorsIn(layout, box).sort((a, b) => a - b);
            expect([...mask].flatMap((one, i) => (one ? [i] : []))).toEqual(meant);
          }
  }
});

it("patterns are those of model recipes; what cannot be read is said, and the rest holds", () => {
  expect(selectedBy("*down_proj*", tensors).count).toBe(12);
  expect(selectedBy("*q_proj*, @ends:embedding", tensors).count).toBe(4);
  expect(selectedBy("@0-1:*", tensors).count).toBe(18);
  expect(selectedBy("@a:q_proj,*q_proj*", tensors)).toMatchObject({
    count: 3,
    problem: expect.stringMatching(/@a:q_proj/),
  });
  expect(selectedBy("", tensors).count).toBe(0);
});

it("half a million tensors are laid out and summed in a moment", () => {
  const many = moeTensors(61, 4096);
  expect(many.count).toBeGreaterThan(499_000);
  const began = performance.now();
  const layout = layoutOf(many, false);
  figuresOf(layout, many.elements, many.elements, "sum");
  expect(performance.now() - began).toBeLessThan(1500);
  expect(inSight(1e4, 300, 4, layout.rows.length)).toEqual({ first: 2500, end: 2575 });
});
