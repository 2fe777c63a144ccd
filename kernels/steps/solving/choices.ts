import type { ElementQuantizer, Matrix, SolverJob } from "../step.ts";

/** The two results around each value, with their codes, and which of them is the nearest: row-major. */
export interface Choices {
  below: Float32Array;
  above: Float32Array;
  belowCodes: Uint32Array;
  aboveCodes: Uint32Array;
  /** 1 where the quantizer's own rounding gives the upper one. */
  nearestUp: Uint8Array;
}

const COLUMNS = 16;

/** The choices that learned rounding has. Beyond the ends of the range both are the end. */
export async function choicesOf(
  { rows, cols, values: x }: Matrix,
  quantizer: ElementQuantizer,
  job: SolverJob,
): Promise<Choices> {
  const n = rows * cols;
  const out: Choices = {
    ...{ below: new Float32Array(n), above: new Float32Array(n) },
    ...{ belowCodes: new Uint32Array(n), aboveCodes: new Uint32Array(n), nearestUp: new Uint8Array(n) },
  };
  const [values, results, codes] = [new Float32Array(rows), new Float32Array(rows), new Uint32Array(rows)];
  const take = (col: number, way: ElementQuantizer["encode"], into: Float32Array, intoCodes: Uint32Array) => {
    way(col, 0, values, results, codes);
    for (let r = 0, i = col; r < rows; r++, i += cols) {
      into[i] = results[r];
      intoCodes[i] = codes[r];
    }
  };
  for (let col = 0; col < cols; col++) {
    if (col % COLUMNS === 0) await job.checkpoint(col, cols, "columns");
    for (let r = 0, i = col; r < rows; r++, i += cols) values[r] = x[i];
    take(col, quantizer.sides.down, out.below, out.belowCodes);
    take(col, quantizer.sides.up, out.above, out.aboveCodes);
    quantizer.encode(col, 0, values, results, codes);
    for (let r = 0, i = col; r < rows; r++, i += cols) {
      // Negative scales turn the two around.
      if (out.below[i] > out.above[i]) {
        [out.below[i], out.above[i]] = [out.above[i], out.below[i]];
        [out.belowCodes[i], out.aboveCodes[i]] = [out.aboveCodes[i], out.belowCodes[i]];
      }
      if (codes[r] === out.aboveCodes[i] && codes[r] !== out.belowCodes[i]) out.nearestUp[i] = 1;
    }
  }
  return out;
}
