import { writeGguf } from "../../checkpoints/gguf/write-for-test.ts";

export interface TestEntry {
  name: string;
  /** One list a matrix. */
  sums: readonly (readonly number[])[];
  /** Tokens of each matrix, or chunks. */
  counts: readonly number[];
  /** Sums of the inputs, which newer files have. */
  plain?: readonly number[];
}

const float32 = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** For tests: the GGUF form as llama-imatrix writes it. */
export function ggufImatrix(
  entries: readonly TestEntry[],
  change: (tensors: Parameters<typeof writeGguf>[0]["tensors"] & object) => typeof tensors = (tensors) => tensors,
): Uint8Array {
  const tensors = entries.flatMap(({ name, sums, counts, plain }) => [
    ...(plain
      ? [
          {
            name: `${name}.in_sum`,
            dims: [plain.length / counts.length, counts.length],
            type: "F32",
            bytes: float32(plain),
          },
        ]
      : []),
    {
      name: `${name}.in_sum2`,
      dims: [sums.flat().length / counts.length, counts.length],
      type: "F32",
      bytes: float32(sums.flat()),
    },
    { name: `${name}.counts`, dims: [1, counts.length], type: "F32", bytes: float32(counts) },
  ]);
  return writeGguf({
    metadata: [
      ["general.type", "string", "imatrix"],
      ["imatrix.datasets", "array", "string", ["wiki.train.raw"]],
      ["imatrix.chunk_count", "uint32", 7],
      ["imatrix.chunk_size", "uint32", 512],
    ],
    tensors: change(tensors),
  });
}

/** For tests: the form before, with one number of chunks an entry. `end` leaves out, or cuts, what stands behind the entries. */
export function datImatrix(entries: readonly TestEntry[], { count = entries.length, end = true } = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const int32 = (value: number) => parts.push(new Uint8Array(Int32Array.of(value).buffer));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    int32(bytes.length);
    parts.push(bytes);
  };
  int32(count);
  for (const { name, sums, counts } of entries) {
    text(name);
    int32(counts[0]);
    int32(sums.flat().length);
    parts.push(float32(sums.flat()));
  }
  if (end) {
    int32(7);
    text("wiki.train.raw");
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
