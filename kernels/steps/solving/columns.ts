import type { ElementQuantizer, Matrix, SolverJob } from "../step.ts";

/** Columns between two looks at whoever may cancel. */
const COLUMNS = 16;

/** Codes of all columns by themselves, with the scales and zero points as they are: the nearest, where rounding is to nearest. */
export async function codeColumns(
  { rows, cols, values: x }: Matrix,
  quantizer: ElementQuantizer,
  job: SolverJob,
): Promise<{ codes: Uint32Array; quantized: Float32Array }> {
  const [codes, quantized] = [new Uint32Array(rows * cols), new Float32Array(rows * cols)];
  const [values, results, own] = [new Float32Array(rows), new Float32Array(rows), new Uint32Array(rows)];
  for (let col = 0; col < cols; col++) {
    if (col % COLUMNS === 0) await job.checkpoint(col, cols, "columns");
    for (let r = 0, i = col; r < rows; r++, i += cols) values[r] = x[i];
    quantizer.encode(col, 0, values, results, own);
    for (let r = 0, i = col; r < rows; r++, i += cols) {
      codes[i] = own[r];
      quantized[i] = results[r];
    }
  }
  return { codes, quantized };
}
