/**
 * A quantizer of one's own in AssemblyScript: int4/32:f32, symmetric, the last block of a row perhaps short.
 *
 *     npx asc example.ts --outFile example.wasm --runtime stub --optimize --use abort=
 */

const BLOCK: i32 = 32;

/** Room for matrices. Called three times before `quantize`; nothing is freed. */
export function alloc(bytes: i32): usize {
  return heap.alloc(bytes);
}

/** Rows x cols values, row-major float32, become results and codes (uint32) of the same order. Returns bits a weight. */
export function quantize(values: usize, rows: i32, cols: i32, result: usize, codes: usize): f64 {
  const blocks = (cols + BLOCK - 1) / BLOCK;
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const from = row * cols + block * BLOCK;
      const to = row * cols + min(cols, (block + 1) * BLOCK);
      let amax: f32 = 0;
      for (let i = from; i < to; i++) amax = max(amax, abs(load<f32>(values + 4 * i)));
      const scale = <f32>(<f64>amax / 7);
      for (let i = from; i < to; i++) {
        const quotient = scale == 0 ? 0 : nearest(<f64>load<f32>(values + 4 * i) / <f64>scale);
        const code = <i32>max<f64>(-7, min<f64>(7, quotient));
        store<f32>(result + 4 * i, <f32>code * scale);
        store<u32>(codes + 4 * i, <u32>(code & 15));
      }
    }
  }
  // Codes of 4 bits, and a float32 for each block.
  return 4 + <f64>(32 * blocks) / <f64>cols;
}
