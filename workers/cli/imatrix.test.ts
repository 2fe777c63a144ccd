/** llama.cpp's importance matrices on the command line: reports and GGUF files weighed by them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { codecNamed, encodeBlocks } from "../../kernels/ggml/index.ts";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { safetensorsOf } from "../calibration/files-for-test.ts";
import { datImatrix, ggufImatrix } from "../calibration/imatrix/write-for-test.ts";
import { readGgufHeader } from "../checkpoints/gguf/header.ts";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "imatrix-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const [rows, cols] = [8, 256];
const q = { values: normalValues(rows * cols, 1), shape: [rows, cols] };
const down = { values: normalValues(rows * cols, 2), shape: [rows, cols] };
const model = at("model.safetensors", safetensorsOf({ "blk.0.attn_q.weight": q, "token_embd.weight": down }));
const sums = Array.from({ length: cols }, (_, i) => (i % 17) ** 3);
const weights = Float32Array.from(sums, (sum) => sum / 3);
const entry = { name: "blk.0.attn_q.weight", sums: [sums], counts: [3] };
const files = [at("im.gguf", ggufImatrix([entry])), at("im.dat", datImatrix([entry]))];
const other = at("other.gguf", ggufImatrix([{ name: "blk.0.ffn_up.weight", sums: [[1, 2]], counts: [3] }, entry]));

const quantize = async (recipe: string, ...args: string[]) => {
  const { out, err } = await cli("quantize", model, "--recipe", recipe, "--json", ...args);
  return out === "" ? err : JSON.parse(out);
};

/** The bytes of a tensor of a GGUF file. */
async function stored(path: string, name: string): Promise<Uint8Array> {
  const file = memorySource("out.gguf", new Uint8Array(readFileSync(path)));
  const { begin, end } = (await readGgufHeader(file)).entries.find((one) => one.name === name)!;
  return file.slice(begin, end);
}

async function expected(name: string, values: Float32Array, by: Float32Array | null): Promise<Uint8Array> {
  const { type, load } = codecNamed(name)!;
  await load?.();
  const bytes = new Uint8Array((values.length / type.elements) * type.bytes);
  encodeBlocks(type, values, bytes, by);
  return bytes;
}

describe.each(files)("%s", (file) => {
  it("weighs the columns of a report, which says what it used", async () => {
    const name = ["--tensor", "blk.0.attn_q.weight"];
    const [plain, weighed] = [await quantize("q4_k", ...name), await quantize("q4_k", ...name, "--imatrix", file)];
    expect(weighed.metrics.mse).not.toBe(plain.metrics.mse);
    expect(weighed.calibration).toMatchObject({ kind: "imatrix" });
    const iq = await quantize("iq2_xs", ...name, "--imatrix", file);
    expect(iq.notes.join()).not.toContain("matrix of ones");
    expect((await quantize("iq2_xs", ...name)).notes.join()).toContain("matrix of ones");
  });

  it.each(["q4_k", "iq2_xs", "q5_0"])("weighs the blocks of %s that a GGUF file gets", async (name) => {
    const path = join(folder, "out.gguf");
    const args = ["--format", "gguf", "--imatrix", file, "--out", path, "--json"];
    const { out, err, status } = await cli("export", model, "--recipe", name, ...args);
    expect([status, err]).toEqual([0, ""]);
    expect(await stored(path, "blk.0.attn_q.weight")).toEqual(await expected(name, q.values, weights));
    expect(await stored(path, "token_embd.weight")).toEqual(await expected(name, down.values, null));
    const { notes } = JSON.parse(out);
    expect(notes).toContain(`token_embd.weight: ${file.replace(/.*\//, "")} has nothing of the inputs of this tensor`);
    rmSync(path);
  });

  it("weighs results of other files, too", async () => {
    const path = join(folder, "out.safetensors");
    const args = ["--tensor", "blk.0.attn_q.weight", "--out", path];
    const read = async (...more: string[]) => {
      expect((await cli("export", model, "--recipe", "q3_k", ...args, ...more)).status).toBe(0);
      const bytes = readFileSync(path);
      rmSync(path);
      return bytes.subarray(-4 * rows * cols);
    };
    expect((await read("--imatrix", file)).equals(await read())).toBe(false);
  });
});

it("of another width or of no such tensor is refused where one tensor is named", async () => {
  const wrong = at("wrong.gguf", ggufImatrix([{ ...entry, sums: [[1, 2, 3]] }]));
  const one = ["--tensor", "blk.0.attn_q.weight"];
  expect(await quantize("q4_k", ...one, "--imatrix", wrong)).toContain("is of inputs with 3 channels");
  expect(await quantize("q4_k", "--tensor", "token_embd.weight", "--imatrix", other)).toContain(
    "other.gguf has nothing of the inputs of token_embd.weight.",
  );
  const { err } = await cli(
    "export",
    model,
    "--recipe",
    "q4_k",
    "--out",
    join(folder, "x.gguf"),
    "--format",
    "gguf",
    "--activations-recipe",
    "int8/row",
  );
  expect(err).toContain("--activations-recipe is of measuring: a file holds weights alone.");
});
