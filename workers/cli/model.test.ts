/** `quantize --all` with a recipe for each kind of tensor. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { captured } from "./capture-for-test.ts";
import { quantize } from "./quantize.ts";

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-recipe-"));
  file = join(folder, "model.safetensors");
  const tensor = (name: string, shape: number[], seed: number) => ({
    name,
    dtype: "F32",
    shape,
    bytes: new Uint8Array(
      normalValues(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ).buffer,
    ),
  });
  const tensors = [
    tensor("blk.0.ffn_down.weight", [4, 256], 1),
    tensor("blk.0.ffn_up.weight", [8, 256], 2),
    tensor("blk.0.norm.weight", [256], 3),
    tensor("blk.0.odd.weight", [2, 40], 4),
  ];
  await writeFile(file, writeSafetensors(tensors));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const run = (...args: string[]) => captured(quantize, [file, ...args]);

const RECIPE = "*.ffn_down.*=q6_k;*norm*=f32;*.ffn_*=q4_k";
/** q6_k, q4_k and two tensors at 32 bits: one by rule, one because no rule names it. */
const BITS = (1024 * 6.5625 + 2048 * 4.5 + (256 + 80) * 32) / (1024 + 2048 + 256 + 80);

describe("quantize --all with a model recipe", () => {
  it("gives each tensor its own recipe and sums up the model", async () => {
    const { lines, err } = await run("--all", "--recipe", RECIPE);
    expect(err).toBe("");
    expect(lines[0]).toMatch(`recipe ${RECIPE}, numbers version 2, backend`);
    const recipes = lines.filter((l) => l.startsWith("blk.")).map((l) => [l.split(/\s/)[0], l.split(/\s+/).at(-1)]);
    expect(recipes).toEqual([
      ["blk.0.ffn_down.weight", "q6_k"],
      ["blk.0.ffn_up.weight", "q4_k"],
      ["blk.0.norm.weight", "f32"],
    ]);
    const bits = Number(BITS.toPrecision(6));
    expect(lines.at(-1)).toContain(
      `total: 3 tensors, 1 kept as stored; 3408 elements, ${bits} bits a weight, nmse 0.00`,
    );
  });

  it("prints the totals as the last line of JSON", async () => {
    const { lines } = await run("--all", "--recipe", RECIPE, "--json");
    const [down, up, norm, total] = lines.map((line) => JSON.parse(line));
    expect([down.recipe, up.recipe, norm.recipe]).toEqual(["q6_k", "q4_k", "f32"]);
    expect(total).toMatchObject({ total: RECIPE, tensors: 3, kept: 1, failed: 0, elements: 3408 });
    expect(total.metrics.bitsPerWeight).toBeCloseTo(BITS, 12);
    expect(total.metrics.nmse).toBeGreaterThan(0);
    expect(total.metrics.sqnrDb).toBeCloseTo(-10 * Math.log10(total.metrics.nmse), 12);
  });

  it("tells tensors that their recipe does not fit, and goes on", async () => {
    const { lines, err } = await run("--all", "--recipe", "*=q8_0", "--json");
    expect(err).toBe(
      "blk.0.odd.weight: q8_0 needs rows of whole blocks of 32, and these have 40 columns: ggml refuses them too\n",
    );
    expect(process.exitCode).toBe(1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ tensors: 3, failed: 1 });
  });

  it("says that no rule named a tensor", async () => {
    const { out } = await run("--all", "--recipe", "*.attn.*=q8_0");
    expect(out).toBe("total: 0 tensors, 4 kept as stored; 3408 elements, 32 bits a weight, nmse -, sqnrDb -\n");
  });

  it("takes the rule of one tensor", async () => {
    const { lines } = await run("--tensor", "blk.0.ffn_up.weight", "--recipe", RECIPE, "--json");
    expect(JSON.parse(lines[0]).recipe).toBe("q4_k");
    await expect(run("--tensor", "blk.0.odd.weight", "--recipe", RECIPE)).rejects.toThrow(
      'No rule of the model recipe names "blk.0.odd.weight".',
    );
  });

  it("gives mistakes their column in the whole text", async () => {
    await expect(run("--all", "--recipe", "*norm*=f32;*=q4_k/32")).rejects.toMatchObject({ column: 18 });
  });
});
