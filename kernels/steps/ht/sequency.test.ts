import { describe, expect, it } from "vitest";
import { parseRecipe } from "../../notation/index.ts";
import { pythonOf } from "../../python/index.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

/** The image of each unit vector: column c of the rotation. */
function matrixOf(recipe: string, n: number): Float32Array[] {
  const [transform] = planOf(recipe, 1, n).transforms;
  return Array.from({ length: n }, (_, c) => {
    const x = new Float32Array(n);
    x[c] = 1;
    transform.forward(x, 0, n, 0);
    return x;
  });
}

describe("Hadamard rotations in sequency order", () => {
  it.each([2, 4, 8, 64])("of order %i have a sign change more in every row", (n) => {
    const columns = matrixOf(`ht(${n},order=sequency)+f32`, n);
    for (let row = 0; row < n; row++) {
      let changes = 0;
      for (let c = 1; c < n; c++) if (columns[c][row] * columns[c - 1][row] < 0) changes++;
      expect(changes).toBe(row);
    }
  });

  it("have the rows of Sylvester's, and come back exactly where sums are exact", async () => {
    const rows = (recipe: string) =>
      Array.from({ length: 16 }, (_, r) =>
        matrixOf(recipe, 16)
          .map((column) => Math.sign(column[r]))
          .join(),
      ).sort();
    expect(rows("ht(16,order=sequency)+f32")).toEqual(rows("ht(16)+f32"));
    const whole = Float32Array.from({ length: 64 }, (_, i) => (i * 7) % 32);
    const { rows: read } = await quantizeText("ht(16,order=sequency)+f32", whole, 2, 32);
    expect((await read(0, 2)).result).toEqual(whole);
  });

  it("change what blocks hold, not the error of a whole row on equal values", async () => {
    const x = normalValues(16 * 64, 4);
    const mse = async (recipe: string) => (await quantizeText(recipe, x, 16, 64)).report.metrics.mse;
    expect(await mse("ht(64,order=sequency)+int4/row")).toBe(await mse("ht(64)+int4/row"));
    expect(await mse("ht(64,order=sequency)+int4/16")).not.toBe(await mse("ht(64)+int4/16"));
  });

  it("want a power of two, and have no NumPy program", () => {
    expect(() => planOf("ht(12,order=sequency)+int4/12", 1, 24)).toThrow(
      "ht(12): rows are ordered by sign changes where the block is a power of two",
    );
    expect(planOf("ht(16,order=sylvester)+int4/16", 1, 32).text).toBe("ht(16)+int4/16");
    expect(() => pythonOf(parseRecipe("ht(16,order=sequency)+int4/16"))).toThrow(
      "ht in sequency order is not written as Python",
    );
  });
});
