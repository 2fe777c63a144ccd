/**
 * The net under every change of the numbers: what some 400 recipes gave over four matrices, as hashes in `recorded.tsv`. A line that
 * moved fails with the names of what moved. Where that was meant, `npm run record` writes it anew, in a commit that says why.
 */
import { describe, expect, it } from "vitest";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { lineKey, movedColumns, readRecorded, recordedPairs, summary } from "./file.ts";
import { recordedMatrices, recordedRecipes } from "./grid.ts";
import { outcomeOf } from "./record.ts";

const recorded = readRecorded();

describe("what was recorded", () => {
  it("is this grid: some 400 recipes, each over every matrix", () => {
    expect(recordedRecipes.length).toBeGreaterThanOrEqual(400);
    expect([...recorded.keys()]).toEqual(recordedPairs.map(({ matrix, recipe }) => lineKey(matrix, recipe)));
  });

  it("holds no line in which a backend parted from the reference", () => {
    for (const [key, { wasm, webgpu }] of recorded) {
      expect(`${key} ${wasm} ${webgpu}`).toMatch(/ (same|refused) (same|refused)$/);
    }
  });

  it.each(Object.keys(recordedMatrices))(
    "is what the reference and wasm give on the %s matrix",
    async (matrix) => {
      const wasm = await createWasmBackend();
      const moved: Parameters<typeof summary>[0] = [];
      for (const recipe of recordedRecipes) {
        const was = recorded.get(lineKey(matrix, recipe));
        const { cells, on } = await outcomeOf(recipe, recordedMatrices[matrix]);
        const columns = movedColumns(was, cells);
        if (was?.wasm !== (await on(wasm))) columns.push("wasm");
        if (columns.length > 0) moved.push({ matrix, recipe, columns });
      }
      if (moved.length > 0) throw new Error(summary(moved));
    },
    600_000,
  );
});
