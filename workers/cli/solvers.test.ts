/** Solvers on the command line: with a calibration from a file, in sweeps, written out, and exported. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { npyOf, safetensorsOf } from "../calibration/files-for-test.ts";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "solvers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [tokens, cols] = [200, 64];
const x = normalValues(tokens * cols, 2);
for (let i = 1; i < x.length; i++) if (i % cols > 0) x[i] += 0.8 * x[i - 1];
const at = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const activations = at("X.npy", npyOf(x, [tokens, cols]));
const weight = (seed: number) => ({ values: normalValues(32 * cols, seed), shape: [32, cols] });
const model = at("model.safetensors", safetensorsOf({ "a.weight": weight(1), "b.weight": weight(3) }));
const one = ["--tensor", "a.weight", "--activations", activations];

const quantize = async (recipe: string, ...args: string[]) => {
  const { out, err } = await cli("quantize", model, "--recipe", recipe, "--json", ...args);
  return { err, report: out ? JSON.parse(out.split("\n")[0]) : null };
};

describe("solvers on the command line", () => {
  it("lower the error of outputs while they raise that of weights, with the same codes on every backend", async () => {
    const plain = (await quantize("int4/32:f16", ...one)).report.metrics;
    const files = ["codes", "scales", "out"].flatMap((name) => [`--${name}`, join(folder, `${name}.npy`)]);
    const { report } = await quantize("gptq+int4/32:f16", ...one, ...files);
    expect(report.recipe).toBe("gptq+int4/32:f16");
    expect(report.metrics.outputNmse).toBeLessThan(0.6 * plain.outputNmse);
    expect(report.metrics.nmse).toBeGreaterThan(plain.nmse);
    expect(report.metrics.bitsPerWeight).toBe(plain.bitsPerWeight);
    expect(report.calibration).toMatchObject({ kind: "activations", name: "X.npy" });
    const codes = readFileSync(join(folder, "codes.npy"));
    await quantize("gptq+int4/32:f16", ...one, "--codes", join(folder, "other.npy"), "--backend", "reference");
    expect(readFileSync(join(folder, "other.npy")).equals(codes)).toBe(true);
  });

  it("stand in sweeps beside nearest rounding", async () => {
    const grid = "(none,gptq,gptq(order=gram),ldlq,babai,cd)+int4/32:f16";
    const { out, err } = await cli("sweep", model, ...one, "--grid", grid, "--metric", "outputNmse", "--json");
    expect(err).not.toMatch(/left out|failed/);
    const points: { recipe: string; metrics: { outputNmse: number } }[] = JSON.parse(out).points;
    expect(points.map(({ recipe }) => recipe)).toEqual([
      "int4/32:f16",
      ...["gptq", "gptq(order=gram)", "ldlq", "babai", "cd"].map((solver) => `${solver}+int4/32:f16`),
    ]);
    const [nearest, gptq, , ldlq] = points.map(({ metrics }) => metrics.outputNmse);
    for (const { recipe, metrics } of points.slice(1)) expect(metrics.outputNmse, recipe).toBeLessThan(nearest);
    expect(ldlq).toBe(gptq);
  });

  it("say what they miss", async () => {
    expect((await quantize("gptq+int4/32", "--tensor", "a.weight")).err).toMatch(/^gptq needs a calibration/);
    expect((await quantize("gptq+int4@sr(seed=1)/32", ...one)).err).toMatch(/draws errors at random/);
    const { report } = await quantize("gptq+int4/32", "--tensor", "a.weight", "--activations", "gen:white(tokens=20)");
    expect(report.notes.join()).toMatch(/20 tokens for 64 channels/);
  });

  it("are exported as what they chose: the codes in a checkpoint are those of the report", async () => {
    const out = join(folder, "packed.safetensors");
    const format = ["--format", "compressed-tensors", "--out", out, "--json"];
    const recipe = ["--recipe", "gptq+int4/32:f16", "--activations", activations];
    const done = await cli("export", model, ...recipe, ...format);
    expect([done.err, done.status]).toEqual(["", 0]);
    // Read again, it is to the bit what the recipe gives.
    const dequantized = join(folder, "again.npy");
    await cli("quantize", out, "--tensor", "a.weight", "--recipe", "f32", "--out", dequantized);
    await quantize("gptq+int4/32:f16", ...one, "--out", join(folder, "out.npy"));
    expect(readFileSync(dequantized).equals(readFileSync(join(folder, "out.npy")))).toBe(true);
    const moved = ["--recipe", "gptq(order=gram,groups=permuted)+int4/32:f16", "--activations", activations];
    expect((await cli("export", model, ...moved, ...format)).err).toMatch(/no place for the group of each column/);
    const between = await cli("export", model, "--recipe", "hqq+int4(asym,zp=f16)/32:f16", ...format);
    expect(between.err).toMatch(/its zero points go through/);
  });
});
