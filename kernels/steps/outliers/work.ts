import { addKept, countOf, type KeptValues, keptBits, largestPlaces, withoutKept } from "../places.ts";
import type { Split } from "../step.ts";
import type { OutlierParams } from "./index.ts";

/** Keeps the largest magnitudes apart. */
export const work: Split<OutlierParams, KeptValues> = {
  kind: "split",
  async fit({ frac, values }, operand, job) {
    const places = largestPlaces(operand.values, countOf(operand, frac));
    await job.checkpoint(1, 1, "values");
    const kept = Float32Array.from(places, (i) => operand.values[i]);
    const side = await job.store("outliers", { rows: 1, cols: kept.length, values: kept }, values);
    return { places, side };
  },
  rest: withoutKept,
  add: addKept,
  bits: (kept, of) => keptBits("outliers", kept, of),
  side: ({ side }) => [side],
};
