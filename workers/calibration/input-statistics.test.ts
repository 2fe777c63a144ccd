import { describe, expect, it } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { UserError } from "../errors/user-error.ts";
import { CAPTURE_FORMAT } from "./capture.ts";
import { npyOf, safetensorsOf } from "./files-for-test.ts";
import { datImatrix, ggufImatrix } from "./imatrix/write-for-test.ts";
import { inputTable, placeOf } from "./input-statistics.ts";
import { openCalibration } from "./open.ts";

const control = { signal: new AbortController().signal, progress: () => {} };
const tableOf = async (name: string, bytes: Uint8Array) =>
  inputTable(await openCalibration([memorySource(name, bytes)], null, name, control.signal), control);

const entries = [
  { name: "blk.1.attn_q.weight", sums: [[3, 6, 0, 3]], counts: [3] },
  { name: "blk.0.attn_q.weight", sums: [[9, 9, 9, 9]], counts: [3] },
  { name: "output.weight", sums: [[1, 1]], counts: [1] },
];

describe.each([
  ["GGUF", ggufImatrix],
  ["older", datImatrix],
])("of the %s importance matrix", (_, write) => {
  it("has llama.cpp's figures of each weight, of pairs of layers and of layers", async () => {
    const { tensors, layers } = await tableOf("im", write(entries));
    expect(tensors.map(({ name, layer, role }) => [name, layer, role])).toEqual([
      ["blk.1.attn_q.weight", 1, "blk.*.attn_q.weight"],
      ["blk.0.attn_q.weight", 0, "blk.*.attn_q.weight"],
      ["output.weight", null, "output.weight"],
    ]);
    expect(tensors[0].statistics).toMatchObject({ total: 4, mean: 1, least: 0, largest: 2, entropy: 1.5, loud: 0.25 });
    expect(tensors[1].statistics).toMatchObject({ total: 12, deviation: 0, entropy: 2, evenness: 1, loud: 0 });
    expect(tensors[0].cosine).toBeCloseTo(12 / (2 * Math.sqrt(54)), 12);
    expect(tensors.map(({ shift }) => shift)).toEqual([null, null, null]);
    expect(layers).toEqual([
      { layer: 0, channels: 4, total: 12, loud: 0, cosine: null },
      { layer: 1, channels: 4, total: 4, loud: 0.25, cosine: tensors[0].cosine },
    ]);
  });
});

it("experts that met no token are in no figure", async () => {
  const experts = {
    name: "blk.0.ffn_gate_exps.weight",
    sums: [
      [10, 20],
      [0, 0],
      [2, 6],
    ],
    counts: [10, 0, 2],
  };
  const { tensors } = await tableOf("im", ggufImatrix([experts]));
  expect(tensors[0].statistics).toMatchObject({ channels: 4, total: 7, least: 1, largest: 3 });
});

it("of a newer importance matrix say how means moved", async () => {
  const { tensors } = await tableOf(
    "im",
    ggufImatrix([
      { ...entries[0], plain: [0, 12, 0, 0] },
      { ...entries[1], plain: [9, 0, 0, 0] },
    ]),
  );
  expect(tensors[0].shift).toEqual({ distance: 5, cosine: 0, score: 0 });
  expect(tensors[1].shift).toBeNull();
});

const f64 = (...values: number[]) => ({ values: Float64Array.from(values), shape: [values.length] });
const captured = (name: string, square: number[], mean: number[]) => ({
  [`${name}.tokens`]: { values: BigInt64Array.of(4n), shape: [1] },
  [`${name}.mean_square`]: f64(...square),
  [`${name}.mean`]: f64(...mean),
});

it("of a capture are of its channels, of every weight that shares them, and say how means moved", async () => {
  const [zero, one] = [0, 1].map((l) => `model.layers.${l}.self_attn.q_proj.weight`);
  const bytes = safetensorsOf(
    { ...captured(zero, [3, 3, 3, 3], [3, 0, 0, 0]), ...captured(one, [1, 2, 0, 1], [0, 4, 0, 0]) },
    { format: CAPTURE_FORMAT, [`inputs of ${one.replace("q_proj", "k_proj")}`]: one },
  );
  const { tensors } = await tableOf("captured.safetensors", bytes);
  expect(tensors.map(({ name }) => name)).toEqual([zero, one, one.replace("q_proj", "k_proj")]);
  expect(tensors[1].statistics).toMatchObject({ total: 4, entropy: 1.5, loud: 0.25 });
  expect(tensors[1].cosine).toBeCloseTo(12 / (2 * Math.sqrt(54)), 12);
  expect(tensors[1].shift).toEqual({ distance: 5, cosine: 0, score: 0 });
  // The layer before has no weight of that name, and what it shares is not known.
  expect(tensors[2]).toMatchObject({ statistics: tensors[1].statistics, cosine: null, shift: null });
});

it("of activations are of their columns", async () => {
  const { tensors, layers } = await tableOf("x.npy", npyOf(Float32Array.of(1, 2, 3, 4), [2, 2]));
  expect(tensors[0].statistics).toMatchObject({ total: 5 + 10, channels: 2 });
  expect(layers).toEqual([]);
});

it("of a damaged file are refused with its sentence", async () => {
  await expect(tableOf("im", ggufImatrix([{ ...entries[0], sums: [[1, Number.NaN, 1, 1]] }]))).rejects.toThrow(
    UserError,
  );
});

it("a name's layer is its first number between dots", () => {
  expect(placeOf("blk.12.ffn_up.weight")).toEqual({ layer: 12, role: "blk.*.ffn_up.weight" });
  expect(placeOf("model.layers.3.mlp.experts.7.w1.weight")).toEqual({
    layer: 3,
    role: "model.layers.*.mlp.experts.7.w1.weight",
  });
  expect(placeOf("3.weight")).toEqual({ layer: 3, role: "*.weight" });
  expect(placeOf("lm_head.weight")).toEqual({ layer: null, role: "lm_head.weight" });
});
