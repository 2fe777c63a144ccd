import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Calibration } from "../../kernels/calibration/index.ts";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { type ByteSource, memorySource } from "../bytes/byte-source.ts";
import type { CalibrationKind } from "../sources/spec.ts";
import { CAPTURE_FORMAT } from "./capture.ts";
import { npyOf, safetensorsOf } from "./files-for-test.ts";
import { type OpenCalibration, openCalibration } from "./open.ts";

const control = { signal: new AbortController().signal, progress: () => {} };
const [tokens, cols] = [20, 6];
const x = normalValues(tokens * cols, 4);

/** X^T X in float64. */
function gramOf(values: Float32Array, n: number): Float64Array {
  const sum = new Float64Array(n * n);
  for (let t = 0; t < values.length; t += n) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum[i * n + j] += values[t + i] * values[t + j];
  }
  return sum;
}
const gram = gramOf(x, cols);

const open = (name: string, bytes: Uint8Array, kind: CalibrationKind | null = null): Promise<OpenCalibration> =>
  openCalibration([memorySource(name, bytes)], kind, name, control.signal);

async function read(
  name: string,
  bytes: Uint8Array,
  kind: CalibrationKind | null = null,
  weight = "w",
): Promise<Calibration> {
  return (await open(name, bytes, kind)).of({ name: weight, cols }, control);
}

describe("activations", () => {
  it("of a .npy are one calibration for whichever weight is asked for", async () => {
    const found = await read("X.npy", npyOf(x, [tokens, cols]));
    expect([...found.gram!.values]).toEqual([...gram]);
    expect([found.cols, found.tokens, found.leftOut]).toEqual([cols, tokens, 0]);
    const digest = createHash("sha256").update(new Uint8Array(x.buffer)).digest("hex");
    expect(found.source).toEqual({ kind: "activations", name: "X.npy", digest });
    expect(found.notes).toEqual([]);
  });

  it("have their channels last, and tokens in all dimensions before", async () => {
    const [flat, deep] = [await read("X.npy", npyOf(x, [tokens, cols])), await read("X.npy", npyOf(x, [4, 5, cols]))];
    expect(deep).toEqual(flat);
  });

  it("of a safetensors are found by the weight's name", async () => {
    const other = x.map((v) => 2 * v);
    const bytes = safetensorsOf({
      "layers.0.q": { values: other, shape: [tokens, cols] },
      "layers.1.q.input": { values: x, shape: [tokens, cols] },
    });
    const found = await read("acts.safetensors", bytes, null, "layers.1.q.weight");
    expect([...found.gram!.values]).toEqual([...gram]);
    expect(found.source.name).toBe("acts.safetensors: layers.1.q.input");
    const set = await open("acts.safetensors", bytes);
    expect([set.has("layers.0.q.weight"), set.has("layers.2.q.weight")]).toEqual([true, false]);
    await expect(set.of({ name: "layers.2.q.weight", cols }, control)).rejects.toThrow(
      "acts.safetensors has 2 arrays, and none is named after layers.2.q.weight: layers.0.q, layers.1.q.input.",
    );
  });

  it("of another layer's name are told, where they are all there is", async () => {
    const bytes = safetensorsOf({ "layers.1.q.input": { values: x, shape: [tokens, cols] } });
    const found = await read("acts.safetensors", bytes, null, "layers.2.q.weight");
    expect(found.notes).toEqual([
      "the calibration's array is called layers.1.q.input, and is used for layers.2.q.weight: is it of another layer?",
    ]);
    expect((await read("acts.safetensors", bytes, null, "layers.1.q.weight")).notes).toEqual([]);
  });

  it("that are no tokens x inputs, or hold no finite token, are refused", async () => {
    await expect(read("x.npy", npyOf(x, [tokens * cols]))).rejects.toThrow(
      "x has the shape [120]: activations are tokens x inputs, two dimensions or more, the inputs last.",
    );
    await expect(read("x.npy", npyOf(new Float32Array(0), [0, 4]))).rejects.toThrow(
      "x holds no activations: its shape is [0, 4].",
    );
    await expect(
      read(
        "x.npy",
        npyOf(
          x.map(() => Number.NaN),
          [tokens, cols],
        ),
      ),
    ).rejects.toThrow("x.npy: every one of its 20 tokens holds NaN or Inf.");
  });

  it("can be given up", async () => {
    const stopped = new AbortController();
    stopped.abort();
    const set = await open("X.npy", npyOf(x, [tokens, cols]));
    await expect(set.of({ name: "w", cols }, { ...control, signal: stopped.signal })).rejects.toThrow(/abort/i);
    expect((await set.of({ name: "w", cols }, control)).tokens).toBe(tokens);
  });
});

describe("a Gram matrix", () => {
  it("is taken as it is, in float64, and told apart from activations", async () => {
    const found = await read("H.npy", npyOf(gram, [cols, cols]));
    expect(found.gram!.values).toEqual(gram);
    expect([found.tokens, found.rows, found.mean]).toEqual([null, null, null]);
    expect(found.source.kind).toBe("gram");
    expect([...found.meanSquare!]).toEqual(Array.from({ length: cols }, (_, i) => gram[i * (cols + 1)]));
  });

  it("has the number of its tokens beside it, or none", async () => {
    const bytes = safetensorsOf({
      gram: { values: gram, shape: [cols, cols] },
      tokens: { values: BigInt64Array.of(20n), shape: [1] },
    });
    const found = await read("H.safetensors", bytes, "gram");
    expect(found.tokens).toBe(20);
    expect(found.meanSquare![0]).toBe(gram[0] / 20);
  });

  it("in float32 may be as little off its mirror image as such sums are", async () => {
    const rounded = Float32Array.from(gram);
    rounded[1] *= 1 + 2 ** -20;
    const found = await read("H.npy", npyOf(rounded, [cols, cols]), "gram");
    expect(found.gram!.values[1]).toBe((rounded[1] + rounded[cols]) / 2);
    expect(found.gram!.values[cols]).toBe(found.gram!.values[1]);
  });

  const changed = (at: number, value: number) => gram.map((v, i) => (i === at ? value : v));
  it.each([
    ["not square", npyOf(x, [tokens, cols]), "H has the shape [20, 6]: a Gram matrix is square, inputs x inputs."],
    [
      "not symmetric",
      npyOf(changed(1, 99), [cols, cols]),
      /^H.npy is no Gram matrix: it is not symmetric: row 0, column 1 is 99, and row 1, column 0 is /,
    ],
    [
      "below zero on its diagonal",
      npyOf(changed(7, -1), [cols, cols]),
      "H.npy is no Gram matrix: the diagonal value of column 1 is -1.",
    ],
    ["NaN", npyOf(changed(2, Number.NaN), [cols, cols]), "H.npy is no Gram matrix: row 0, column 2 holds NaN."],
    [
      "NaN on its diagonal",
      npyOf(changed(0, Number.NaN), [cols, cols]),
      "H.npy is no Gram matrix: the diagonal value of column 0 is NaN.",
    ],
    [
      "of integers",
      npyOf(BigInt64Array.of(1n, 0n, 0n, 1n), [2, 2]),
      "H is stored as I64: sums of squares need float32 or float64.",
    ],
  ])("that is %s is refused", async (_, bytes, message) => {
    await expect(read("H.npy", bytes, "gram")).rejects.toThrow(message);
  });

  it("beyond its budget is refused by its size, before it is read", async () => {
    const side = 20000;
    const header = npyOf(new Float64Array(0), [side, side]);
    const source: ByteSource = {
      name: "H.npy",
      size: header.length + 8 * side ** 2,
      async slice(begin, end) {
        const bytes = new Uint8Array(end - begin);
        bytes.set(header.subarray(begin, end));
        return bytes;
      },
    };
    const set = await openCalibration([source], "gram", "H.npy", control.signal);
    await expect(set.of({ name: "w", cols: side }, control)).rejects.toThrow(
      "H.npy: a Gram matrix of 20000 columns takes 3.2 GB as float64; 1.6 GB are possible",
    );
  });
});

describe("a captured calibration", () => {
  const arrays = {
    "a.weight.tokens": { values: BigInt64Array.of(20n), shape: [] },
    "a.weight.left_out": { values: BigInt64Array.of(1n), shape: [1] },
    "a.weight.gram": { values: gram, shape: [cols, cols] },
    "a.weight.mean": { values: new Float64Array(cols).fill(0.5), shape: [cols] },
    "a.weight.rows": { values: x.slice(0, 3 * cols), shape: [3, cols] },
    "a.weight.cross": { values: gram.map((v, i) => v + i), shape: [cols, cols] },
    "a.weight.output_gram": { values: Float64Array.of(2, 1, 1, 2), shape: [2, 2] },
  };
  const metadata = { format: CAPTURE_FORMAT, "inputs of b.weight": "a.weight" };

  it("has of a layer what its arrays say, also for a layer that shares its inputs", async () => {
    const bytes = safetensorsOf(arrays, metadata);
    const found = await read("cap.safetensors", bytes, null, "a.weight");
    expect(found.gram!.values).toEqual(gram);
    expect([found.tokens, found.leftOut, found.mean![2], found.rows!.length]).toEqual([20, 1, 0.5, 3 * cols]);
    expect(found.cross!.values[1]).toBe(gram[1] + 1);
    expect([...found.output!.values]).toEqual([2, 1, 1, 2]);
    expect(found.meanSquare![0]).toBe(gram[0] / 20);
    expect(found.notes).toEqual(["1 of 21 tokens hold NaN or Inf and are left out of the calibration"]);
    // Gradients are each layer's own.
    const { output, source, ...inputs } = found;
    expect(await read("cap.safetensors", bytes, null, "b.weight")).toMatchObject({ ...inputs, output: null });
    expect([output!.rows, source.kind]).toEqual([2, "capture"]);
    await expect(read("cap.safetensors", bytes, null, "c.weight")).rejects.toThrow(
      "cap.safetensors has nothing of the inputs of c.weight.",
    );
  });

  it("is read of several files, and refused where two are of one layer", async () => {
    const [one, two] = ["x.safetensors", "y.safetensors"].map((name, i) => {
      const renamed = Object.entries(arrays).map(([key, value]) => [key.replace("a.", `${"ac"[i]}.`), value]);
      return memorySource(name, safetensorsOf(Object.fromEntries(renamed), { format: CAPTURE_FORMAT }));
    });
    const both = await openCalibration([one, two], "capture", "folder", control.signal);
    expect((await both.of({ name: "c.weight", cols }, control)).gram!.values).toEqual(gram);
    const again = memorySource("z.safetensors", safetensorsOf(arrays, metadata));
    await expect(openCalibration([one, again], "capture", "folder", control.signal)).rejects.toThrow(
      "folder holds a.weight.tokens twice: its files are of two captures.",
    );
  });

  it("whose arrays do not go together is refused", async () => {
    const mean = { values: new Float64Array(5), shape: [5] };
    await expect(
      read("cap.safetensors", safetensorsOf({ ...arrays, "a.weight.mean": mean }, metadata), null, "a.weight"),
    ).rejects.toThrow("a.weight.mean has the shape [5], and other arrays of a.weight have 6 channels.");
    const tokens = { values: BigInt64Array.of(-1n), shape: [1] };
    await expect(
      read("cap.safetensors", safetensorsOf({ ...arrays, "a.weight.tokens": tokens }, metadata), null, "a.weight"),
    ).rejects.toThrow("a.weight.tokens is -1: it is no number of tokens.");
    await expect(open("cap.safetensors", safetensorsOf({ gram: arrays["a.weight.gram"] }, metadata))).rejects.toThrow(
      "cap.safetensors holds no captured calibration: no array's name ends with .tokens.",
    );
  });
});
