import { describe, expect, test } from "vitest";
import { openCase } from "../../testing/open-case.ts";
import { wantedOf } from "./read-for-test.ts";

/** Files whose values are known, with the weight in them, the layout it is told by and the recipe beside it. */
const decoded: [file: string, want: string, weight: string, layout: string, recipe: string | null][] = [
  ["fp8-scale_weight.safetensors", "fp8-scale_weight.want.npy", "blk.0.q.weight", "FP8 (scale_weight)", "e4m3/tensor"],
  ["mlx-3", "mlx-3/want.npy", "l.0.q_proj.weight", "MLX INT3", "int3(asym)/64:f16"],
  ["mlx-4", "mlx-4/want.npy", "l.0.q_proj.weight", "MLX INT4", "int4(asym)/64:f16"],
  ["gptq-awq-v2as1", "gptq-awq-v2as1/want.npy", "l.q.weight", "GPTQ v2", "int4(half)/32:f16"],
  ["gptq-awq-ar1", "gptq-awq-ar1/want.npy", "l.q.weight", "GPTQ", "int4(half)/32:f16"],
  ["matmulnbits.onnx", "matmulnbits.want.npy", "W_Q4", "MatMulNBits INT4", "int4(asym)/32"],
  ["hqq-qmodel.pt", "hqq-qmodel.want.npy", "model.layers.0.q_proj.weight", "HQQ", "int4(asym)/flat(8):f16"],
  ["gptq-awq-gemv", "gptq-awq-gemv/want.npy", "l.q.weight", "AWQ gemv", "int4(asym)/64:f16"],
];

describe("a file of another program gives the values that it stands for", () => {
  test.each(decoded)("%s", async (file, want, weight, layout, recipe) => {
    const source = await openCase(file);
    const tensor = source.tensor(weight);
    const { shape, values } = await wantedOf(want);
    expect(tensor.info.shape).toEqual(shape);
    expect(tensor.info.stored?.kind).toMatchObject({ layout, recipe });
    expect([...(await tensor.read(0, tensor.info.elements))]).toEqual([...values]);
    expect(source.info.tensors.filter(({ warning }) => warning !== undefined)).toEqual([]);
  });
});

/** A code of E4M3, written out anew. */
function e4m3(code: number): number {
  const [exponent, mantissa] = [(code >> 3) & 15, code & 7];
  const size = exponent === 0 ? (mantissa / 8) * 2 ** -6 : (1 + mantissa / 8) * 2 ** (exponent - 7);
  return code >= 128 ? -size : size;
}

test("scales of blocks along a row may keep the view's last dimension", async () => {
  const source = await openCase("fp8-row-blocks.safetensors");
  const [weight] = source.info.tensors;
  expect(weight.stored?.kind).toMatchObject({
    recipe: "e4m3/32",
    describe: "E4M3 codes, a scale for each 32 of a row.",
  });
  const codes = await source.tensor("blk.0.q.weight (codes)").read(0, 384);
  const scales = await source.tensor("blk.0.q.weight_scale").read(0, 12);
  const values = await source.tensor("blk.0.q.weight").read(0, 384);
  expect([...values]).toEqual([...codes].map((code, i) => Math.fround(e4m3(code) * scales[Math.floor(i / 32)])));
});

test("a configuration that contradicts itself or the data is told of in the list", async () => {
  const source = await openCase("gptq-awq-v2as1");
  const doubt =
    'config.json says checkpoint_format "gptq", but every stored zero point is 8 and sym is true, so they are read as stored as they are (version 2)';
  expect(source.info.notes).toContain(`GPTQ v2: ${doubt}.`);
  expect(source.info.tensors[0].stored?.kind).toMatchObject({ doubt, source: "config.json" });
  expect(source.matrix("l.q.weight").notes).toContain(doubt);
  // AutoRound's name for it is known.
  const other = (await openCase("gptq-awq-ar1")).info.tensors[0].stored?.kind;
  expect(other).toMatchObject({ source: "config.json" });
  expect(other?.doubt).toBeUndefined();
});

test("Quark's MXFP4 is decoded", async () => {
  const source = await openCase("quark-weight_quantizer.safetensors");
  const [weight] = source.info.tensors;
  expect(source.info.tensors).toHaveLength(1);
  expect(weight).toMatchObject({
    name: "m.weight",
    shape: [6, 32],
    dtype: "e2m1",
    stored: { kind: { recipe: "mxfp4" } },
  });
  const codes = await source.tensor("m.weight (codes)").read(0, 192);
  const exponents = await source.tensor("m.weight_quantizer.scale").read(0, 6);
  const levels = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  const value = (code: number) => (code >= 8 ? -levels[code - 8] : levels[code]);
  expect([...(await source.tensor("m.weight").read(0, 192))]).toEqual(
    [...codes].map((code, i) => value(code) * 2 ** (exponents[Math.floor(i / 32)] - 127)),
  );
});

test("NumPy's name for float8_e5m2 is known", async () => {
  const { info, tensor } = await openCase("e5m2.npy");
  expect(info.tensors[0]).toMatchObject({ dtype: "F8_E5M2", shape: [4] });
  // 0x3c is 1; 0x40 is 2; 0xbc is -1; 0x7b is the largest number.
  expect([...(await tensor("e5m2").read(0, 4))]).toEqual([1, 2, -1, 57344]);
});

test("one class that is not known does not keep the others of a file from being read", async () => {
  const shown = async (name: string) => (await openCase(name)).info;
  expect((await shown("lightning.ckpt")).tensors).toMatchObject([{ name: "state_dict.a", shape: [4, 6] }]);
  expect((await shown("module.pt")).tensors).toMatchObject([{ name: "fc.weight", shape: [4, 6] }]);
  const { tensors, notes } = await shown("torchao.bin");
  expect(tensors.map(({ name, problem }) => [name, problem === undefined])).toEqual([
    ["l.weight", false],
    ["l.weight.scale", true],
    ["norm.weight", true],
  ]);
  expect(notes).toEqual([
    "torchao.bin: it holds objects that only Python code of their own brings back (torchao.dtypes.affine_quantized_tensor.AffineQuantizedTensor). They are kept as names, and nothing of them is run; tensors in them are listed.",
  ]);
});
