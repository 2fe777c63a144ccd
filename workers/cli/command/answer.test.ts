import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { npyBytes, npyHeader } from "../../export/npy-header.ts";
import { readAnswer } from "./answer.ts";

const [ROWS, COLS] = [2, 6];
const values = Float32Array.from({ length: ROWS * COLS }, (_, i) => i / 4);

const npy = (data: Float32Array | Uint32Array, shape = [ROWS, COLS]) => {
  const type = data instanceof Float32Array ? "<f4" : "<u4";
  return Buffer.concat([npyHeader(type, shape), npyBytes(type, data)]);
};
const good = { "result.npy": npy(values), "bits.json": '{"bitsPerWeight": 4}' };

/** What is read of a folder with these files. */
async function answer(files: Record<string, string | Uint8Array>) {
  const folder = await mkdtemp(join(tmpdir(), "answer-"));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await readAnswer(folder, "mine.py", ROWS, COLS);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("is a result with its bits", async () => {
  const { result, claim } = await answer(good);
  expect(result).toEqual(values);
  expect(claim).toEqual({ bits: [{ what: "as mine.py says", bitsPerWeight: 4 }], codes: null });
});

it("has a breakdown of bits, and codes, also of several values", async () => {
  const bits = [
    { what: "codes", bitsPerWeight: 4 },
    { what: "scales", bitsPerWeight: 0.5 },
  ];
  const codes = Uint32Array.of(1, 2, 3, 4);
  const { claim } = await answer({ ...good, "bits.json": JSON.stringify(bits), "codes.npy": npy(codes, [ROWS, 2]) });
  expect(claim).toEqual({ bits, codes: { values: codes, dim: 3 } });
});

describe("is refused where", () => {
  const float64 = Buffer.concat([npyHeader("<f8", [ROWS, COLS]), Buffer.from(new Float64Array(values).buffer)]);
  it.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ["there is no result", { "bits.json": good["bits.json"] }, /mine\.py left no result\.npy/],
    ["there are no bits", { "result.npy": good["result.npy"] }, /mine\.py left no bits\.json/],
    ["the result has another shape", { ...good, "result.npy": npy(values, [6, 2]) }, /the shape 6 x 2, .* is 2 x 6/],
    ["the result is flat", { ...good, "result.npy": npy(values, [12]) }, /the shape 12, .* is 2 x 6/],
    ["the result is cut off", { ...good, "result.npy": npy(values.slice(3)) }, /ends at byte/],
    ["the result is float64", { ...good, "result.npy": float64 }, /holds F64, and float32 is expected/],
    ["the result is no npy", { ...good, "result.npy": "0, 1, 2, 3, 4" }, /is not a \.npy array/],
    ["bits are words", { ...good, "bits.json": '{"bitsPerWeight": "4"}' }, /no number of 0 or more/],
    ["bits are below zero", { ...good, "bits.json": '[{"bitsPerWeight": -1}]' }, /no number of 0 or more/],
    ["bits are endless", { ...good, "bits.json": '{"bitsPerWeight": 1e999}' }, /no number of 0 or more/],
    ["bits are NaN", { ...good, "bits.json": '{"bitsPerWeight": NaN}' }, /no JSON/],
    ["bits are nothing", { ...good, "bits.json": "null" }, /no number of 0 or more/],
    ["bits have no parts", { ...good, "bits.json": "[]" }, /0 parts/],
    ["the codes have another shape", { ...good, "codes.npy": npy(new Uint32Array(8), [2, 4]) }, /2 x 4; 2 x 6 is/],
    ["the codes are floats", { ...good, "codes.npy": npy(values) }, /holds F32, and integers are expected/],
    ["a code is beyond all tables", { ...good, "codes.npy": npy(new Uint32Array(12).fill(65536)) }, /holds 65536/],
  ])("%s", async (_, files, message) => {
    await expect(answer(files)).rejects.toThrow(message);
  });
});
