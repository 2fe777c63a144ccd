import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { casePath } from "../layouts/cases/read-for-test.ts";
import { cli as run } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "files-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A weight in codes of a kind that nobody knows. */
const secret = join(folder, "secret.safetensors");
writeFileSync(
  secret,
  writeSafetensors([
    { name: "fc.weight", dtype: "U8", shape: [4, 32], bytes: Uint8Array.from({ length: 128 }, (_, i) => i) },
    { name: "fc.secret_scales", dtype: "F32", shape: [4], bytes: new Uint8Array(16) },
  ]),
);
const warning =
  "U8 codes as they are stored, not the weight's values: fc.secret_scales beside it tells of quantization, and no layout known here decodes it";

describe("tensors without elements", () => {
  test.each(["empty-marker.safetensors", "empty-and-scalar.safetensors"])("of %s are no failure", async (name) => {
    const quantized = await run("quantize", casePath(name), "--all", "--recipe", "int4/row");
    expect([quantized.status, quantized.err]).toEqual([0, ""]);
    expect(quantized.out).toContain("note: left out, having no elements: scaled_fp8");
    const swept = await run("sweep", casePath(name), "--all", "--recipes", "int4/row;e4m3");
    expect([swept.status, swept.err]).toEqual([0, ""]);
    expect(swept.out).toContain("note: left out, having no elements: scaled_fp8");
    const json = await run("quantize", casePath(name), "--all", "--recipe", "int4/row", "--json");
    expect([json.status, json.err]).toEqual([0, ""]);
    const path = join(folder, `${name}.out.safetensors`);
    expect((await run("export", casePath(name), "--recipe", "int4/row", "--out", path)).status).toBe(0);
  });
});

describe("codes that nothing decodes are told of", () => {
  test("in the list", async () => {
    const text = await run("inspect", secret);
    expect(text.out).toContain(`warning: ${warning}`);
    const { tensors } = JSON.parse((await run("inspect", secret, "--json")).out);
    expect(tensors[0]).toMatchObject({ name: "fc.weight", warning });
    expect(tensors[1]).not.toHaveProperty("warning");
  });
  test("where they are measured", async () => {
    const args = ["quantize", secret, "--tensor", "fc.weight", "--recipe", "int4/row"];
    expect((await run(...args)).out).toContain(`note: ${warning}`);
    expect(JSON.parse((await run(...args, "--json")).out).notes).toEqual([warning]);
    expect((await run("quantize", secret, "--all", "--recipe", "int4/row")).out).toContain(`note: ${warning} (1 of 2`);
  });
  test("where they are swept", async () => {
    const args = ["sweep", secret, "--tensor", "fc.weight", "--recipes", "int4/row"];
    expect((await run(...args)).out).toContain(`note: ${warning}`);
    expect(JSON.parse((await run(...args, "--json")).out).notes).toContain(warning);
  });
  test("where they are written", async () => {
    const path = join(folder, "out.safetensors");
    const { out } = await run("export", secret, "--recipe", "*=f32", "--out", path);
    expect(out).toContain(`note: warning: 1 tensor may hold codes, not values: fc.weight (${warning})`);
  });
});

test("an export whose scales would be Inf writes nothing, and says which tensor and how many", async () => {
  const big = join(folder, "big.safetensors");
  const values = Float32Array.from({ length: 128 }, (_, i) => 1e8 * Math.sin(i + 1));
  writeFileSync(
    big,
    writeSafetensors([{ name: "w", dtype: "F32", shape: [2, 64], bytes: new Uint8Array(values.buffer) }]),
  );
  const path = join(folder, "big.gguf");
  const { status, err } = await run("export", big, "--recipe", "*=q8_0", "--format", "gguf", "--out", path);
  expect(status).toBe(1);
  expect(err).toContain("w: 4 blocks of Q8_0 would have a scale beyond float16 (65504)");
  expect(() => readFileSync(path)).toThrow();
});

test("a weight that a model recipe keeps counts the bits that it is stored in", async () => {
  const args = ["quantize", casePath("mlx-4/model.safetensors"), "--all", "--recipe", "nothing=int4/row"];
  const { out, err } = await run(...args, "--json");
  expect(err).toBe("");
  const total = JSON.parse(out.trim().split("\n").at(-1)!);
  // 4 bits, and two half precision numbers for each 64; inspect says the same.
  expect(total.metrics.bitsPerWeight).toBe(4.5);
  expect((await run("inspect", casePath("mlx-4/model.safetensors"))).out).toContain("4.50 bits a weight");
});
