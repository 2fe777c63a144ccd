import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { CAPTURE_FORMAT } from "../calibration/capture.ts";
import { npyOf, safetensorsOf } from "../calibration/files-for-test.ts";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "calibration-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [tokens, cols] = [200, 64];
const loud = (values: Float32Array) => values.map((v, i) => (i % cols === 3 ? 20 * v : v));
const x = loud(normalValues(tokens * cols, 2));
const gram = new Float64Array(cols * cols);
for (let t = 0; t < x.length; t += cols) {
  for (let i = 0; i < cols; i++) for (let j = 0; j < cols; j++) gram[i * cols + j] += x[t + i] * x[t + j];
}
const at = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const activations = at("X.npy", npyOf(x, [tokens, cols]));
const gramFile = at("H.npy", npyOf(gram, [cols, cols]));
const weight = { values: normalValues(32 * cols, 1), shape: [32, cols] };
const wide = { values: normalValues(4 * 128, 1), shape: [4, 128] };
const model = at("model.safetensors", safetensorsOf({ "a.weight": weight, "b.weight": weight, "c.weight": wide }));
const captured = safetensorsOf(
  {
    "a.weight.gram": { values: gram, shape: [cols, cols] },
    "a.weight.tokens": { values: BigInt64Array.of(BigInt(tokens)), shape: [1] },
  },
  { format: CAPTURE_FORMAT },
);

const quantize = async (...args: string[]) => {
  const { out, err, status } = await cli("quantize", model, "--recipe", "int4/32", "--json", ...args);
  return {
    err,
    status,
    reports: out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
};

describe("a calibration on the command line", () => {
  it("gives the error of outputs, with where it comes from", async () => {
    const { reports } = await quantize("--tensor", "a.weight", "--activations", activations);
    const [{ metrics, calibration }] = reports;
    expect(metrics.outputNmse).toBeGreaterThan(0);
    expect(calibration).toMatchObject({ kind: "activations", name: "X.npy", tokens });
    expect(calibration.digest).toMatch(/^[0-9a-f]{64}$/);
    const [other] = (await quantize("--tensor", "a.weight", "--gram", gramFile)).reports;
    expect(other.metrics.outputNmse).toBeCloseTo(metrics.outputNmse, 12);
    expect(other.calibration).toMatchObject({ kind: "gram", name: "H.npy", tokens: null });
    const [synthetic] = (await quantize("--tensor", "a.weight", "--activations", "gen:white(tokens=50)")).reports;
    expect(synthetic.calibration).toMatchObject({ kind: "synthetic", name: "white(tokens=50,seed=1)", tokens: 50 });
    expect(synthetic.notes[0]).toMatch(/50 tokens for 64 channels/);
    const [without] = (await quantize("--tensor", "a.weight")).reports;
    expect("outputNmse" in without.metrics || "calibration" in without).toBe(false);
  });

  it("is of the weights that it names, and of those alone", async () => {
    const path = at("captured.safetensors", captured);
    const { reports, status } = await quantize("--all", "--calibration", path);
    expect(status).toBe(0);
    const told = reports.map(({ tensor, calibration, notes }) => [tensor, calibration?.name ?? null, notes]);
    expect(told).toEqual([
      ["a.weight", "captured.safetensors: a.weight", []],
      ["b.weight", null, ["captured.safetensors has nothing of the inputs of this tensor"]],
      ["c.weight", null, ["captured.safetensors has nothing of the inputs of this tensor"]],
    ]);
    const { err } = await quantize("--tensor", "b.weight", "--calibration", path);
    expect(err).toBe("captured.safetensors has nothing of the inputs of b.weight.\n");
  });

  it("of another width is refused, and among all tensors not used", async () => {
    const { err, status } = await quantize("--tensor", "c.weight", "--activations", activations);
    expect([err, status]).toEqual([
      "X.npy is of inputs with 64 channels, and c.weight takes 128: a calibration of another layer?\n",
      1,
    ]);
    const { reports } = await quantize("--all", "--activations", activations);
    expect(reports.map(({ metrics }) => "outputNmse" in metrics)).toEqual([true, true, false]);
  });

  it("lets recipes use it, in sweeps by their output error too", async () => {
    const recipes = ["--recipes", "int4/32;smooth+int4/32"];
    const args = ["sweep", model, "--tensor", "a.weight", ...recipes, "--metric", "outputNmse", "--json"];
    const swept = JSON.parse((await cli(...args, "--activations", activations)).out);
    const [plain, smooth] = swept.points.map(({ metrics }: { metrics: { outputNmse: number } }) => metrics.outputNmse);
    expect(smooth).toBeLessThan(plain);
    const [report] = (await quantize("--tensor", "a.weight", "--activations", activations)).reports;
    expect(plain).toBe(report.metrics.outputNmse);
    expect(swept.calibration).toEqual(report.calibration);
    expect(swept.notes).toContain("inputs are those of X.npy (activations, 200 tokens)");
    expect((await cli(...args)).err).toBe(
      "outputNmse needs a calibration: name one with --activations, --gram or --calibration.\n",
    );
    const { err } = await cli("quantize", model, "--tensor", "a.weight", "--recipe", "smooth+int4/32");
    expect(err).toMatch(/^smooth needs a calibration: statistics of the input channels/);
  });

  it("has activations quantized beside the weight, each and both told apart", async () => {
    const args = ["--tensor", "a.weight", "--activations", activations, "--activations-recipe"];
    const [{ metrics, activations: found }] = (await quantize(...args, "int4/row")).reports;
    expect(found).toMatchObject({ recipe: "int4/row", scales: "dynamic", rows: 200, bitsPerActivation: 4.5 });
    expect(metrics.outputNmse).toBe(found.joint);
    expect(found.joint).toBeGreaterThan(Math.max(found.weightOnly, found.activationOnly));
    const [still] = (await quantize(...args, "static int8/tensor")).reports;
    expect(still.activations).toMatchObject({ scales: "static", bitsPerActivation: 8 });
    const swept = JSON.parse((await cli("sweep", model, ...args, "int4/row", "--recipes", "int4/32", "--json")).out);
    expect(swept.points[0].metrics.outputNmse).toBe(metrics.outputNmse);
    const { err } = await quantize("--tensor", "a.weight", "--activations-recipe", "int4/row");
    expect(err).toMatch(/^--activations-recipe needs activations to measure on/);
  });

  it("is one", async () => {
    expect((await quantize("--tensor", "a.weight", "--gram", gramFile, "--activations", activations)).err).toBe(
      "--activations and --gram exclude each other: there is one calibration.\n",
    );
    expect((await quantize("--tensor", "a.weight", "--activations", gramFile, "--recipe", "int4/32")).status).toBe(0);
    expect((await quantize("--tensor", "a.weight", "--gram", activations)).err).toBe(
      "X has the shape [200, 64]: a Gram matrix is square, inputs x inputs.\n",
    );
  });
});
