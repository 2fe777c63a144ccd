import { describe, expect, test } from "vitest";
import { openCase, wantedOf } from "./read-for-test.ts";

/** Files whose values are known, with the weight in them, the layout it is told by and the recipe beside it. */
const decoded: [file: string, want: string, weight: string, layout: string, recipe: string | null][] = [
  [
    ...(["fp8-scale_weight.safetensors", "fp8-scale_weight.want.npy", "blk.0.q.weight"] as const),
    ...(["FP8 (scale_weight)", "e4m3/tensor"] as const),
  ],
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
