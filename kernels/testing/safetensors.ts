import { readFileSync } from "node:fs";
import type { TestMatrix } from "./runs.ts";

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The tensors of a small F32 or BF16 safetensors file as matrices, rows = the first dimension; vectors are one row. */
export function readSafetensors(path: string): (TestMatrix & { name: string })[] {
  const file = readFileSync(path);
  const size = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + size)) as Record<string, Entry>;
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const bytes = new Uint8Array(file.subarray(8 + size + from, 8 + size + to));
        // A bfloat16 is the upper half of a float32.
        const values =
          dtype === "F32"
            ? new Float32Array(bytes.buffer)
            : new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (half) => half << 16).buffer);
        const rows = shape.length > 1 ? shape[0] : 1;
        return { name, rows, cols: values.length / rows, values };
      },
    );
}
