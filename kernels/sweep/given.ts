import type { SweepBackend } from "../backends/sweep.ts";
import { addErrors, addFacts } from "../backends/sweep-sums.ts";
import { countFlushed, type Given, givenRows } from "../engine/given.ts";

/** Sums of results that another program made: the point of a checkpoint on the frontier. Takes no other recipe. */
export function givenSweep(given: Given): SweepBackend {
  return {
    name: "reference",
    refuses: () => null,
    async evaluate(work, tile, pace) {
      const result = await givenRows(given, tile);
      for (const { sums } of work) {
        sums.flushed += countFlushed(tile.original, result);
        addFacts(tile.facts, sums);
        addErrors(tile.facts.nonFinite === 0, tile.original, result, sums);
        await pace();
      }
    },
  };
}
