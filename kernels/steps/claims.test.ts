/**
 * What papers' methods do on made-up data, by recipes through the engine: figures that were worked out apart from this project, in
 * float64, on data of the same making. Each depends a little on the draw, which its tolerance says.
 */
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { type Calibration, startReduction } from "../calibration/index.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { parseRecipe } from "../notation/index.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { work as householder } from "./householder/work.ts";
import type { StepJob } from "./step.ts";

const cols = 1024;

/** A figure within a share of what it is to be. */
const near = (found: number, wanted: number, share: number, what: string) =>
  expect(Math.abs(found / wanted - 1), `${what}: ${found}, not ${wanted}`).toBeLessThan(share);

/** Gaussian inputs of which some channels, spread over the row, are twenty times as loud. */
const loudInputs = (tokens: number, loud: number, seed: number) => {
  const channels = new Set(Array.from({ length: loud }, (_, k) => 7 + k * Math.floor(cols / loud)));
  return normalValues(tokens * cols, seed).map((x, i) => (channels.has(i % cols) ? 20 * x : x));
};

/** Statistics of channels and the tokens themselves; none of these recipes asks for a Gram matrix. */
async function calibrationOf(x: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols, { gramBudget: 0 });
  await reduction.add(x);
  return reduction.finish({ kind: "activations", name: "x", digest: "" });
}

/** Relative squared error of the outputs where weight and activations both go through recipes, tokens being rows. */
async function jointError(weight: string, activations: string, w: Float32Array, calibration: Calibration) {
  const rows = w.length / cols;
  const { report } = await quantizeMatrix(matrixOf(w, rows, cols), planOf(weight, rows, cols), {
    ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
    activations: { recipe: parseRecipe(activations), definitions: [], scales: "dynamic" },
  });
  return report.activations!.joint!;
}

const twelveLoud = calibrationOf(loudInputs(192, 12, 12));

// FlatQuant (arXiv 2410.09426) sets itself against these. How loud the loud channels' weights happen to be moves all of them by some
// per cent from draw to draw.
describe("four-bit weights and activations with 12 loud channels of 1,024", () => {
  const w = normalValues(192 * cols, 2);
  it.each([
    ["as they are", "", 0.183],
    ["smoothed (SmoothQuant, arXiv 2211.10438)", "smooth(0.5)+", 0.064],
    ["rotated (QuaRot, arXiv 2404.00456)", "ht(1024)+", 0.036],
    ["smoothed and rotated", "smooth(0.5)+ht(1024)+", 0.0107],
  ])("%s", async (what, steps, claimed) => {
    const calibration = await twelveLoud;
    near(await jointError(`${steps}int4/row`, "int4/row", w, calibration), claimed, 0.08, what);
  });
});

const sixLoud = calibrationOf(loudInputs(512, 6, 11));

// LLM.int8() (arXiv 2208.07339): vector-wise scales are one a token and one an output.
describe("eight-bit weights and activations with 6 loud channels of 1,024, over 512 tokens", () => {
  const w = normalValues(64 * cols, 1);
  const errorOf = async (weight: string, activations: string) => jointError(weight, activations, w, await sixLoud);
  const vectorWise = () => errorOf("int8/row", "int8/row");

  it("vector-wise: 1.9e-3, a fifth of one scale a tensor", async () => {
    near(await vectorWise(), 1.9e-3, 0.1, "vector-wise");
    // One largest value decides this: twenty times the largest of 3,072 draws.
    near(await errorOf("int8/tensor", "int8/tensor"), 1e-2, 0.25, "one a tensor");
  });

  it("smoothed (SmoothQuant, arXiv 2211.10438): 2.1e-4", async () => {
    near(await errorOf("smooth(0.5)+int8/row", "int8/row"), 2.1e-4, 0.05, "smoothed");
  });

  it('FP8 lies below INT8 ("Give me BF16 or give me death?", arXiv 2411.02355)', async () => {
    expect(await errorOf("e4m3/row", "e4m3/row")).toBeLessThan(0.8 * (await vectorWise()));
  });
});

describe("a Hadamard rotation of each block of Laplace data (MR-GPTQ, arXiv 2509.23202)", () => {
  // A product of two Gaussians less that of two others has Laplace's distribution.
  const [a, b, c, d] = [5, 6, 7, 8].map((seed) => normalValues(2 ** 18, seed));
  const laplace = a.map((x, i) => x * b[i] - c[i] * d[i]);
  const nmse = async (recipe: string) =>
    (await quantizeText(recipe, laplace, laplace.length / cols, cols)).report.metrics.nmse!;

  it.each([
    ["nvfp4", 16, 1.07],
    ["mxfp4", 32, 0.82],
    ["int4/32", 32, 0.61],
    ["int4/16:e4m3/tensor", 16, 0.66],
  ])("%s by blocks of %i", async (quantizer, block, claimed) => {
    near((await nmse(`ht(${block})+${quantizer}`)) / (await nmse(quantizer)), claimed, 0.03, quantizer);
  });
});

describe("one value of 100 among 1,024 Gaussian ones (Householder projector, arXiv 2307.08012)", () => {
  const rows = 32;
  const x = normalValues(rows * cols, 3).map((v, i) => (i % cols === 77 ? 100 : v));
  /** The largest magnitude over the root of the mean square, on average over the rows. */
  const peak = (values: Float32Array) => {
    let sum = 0;
    for (let at = 0; at < values.length; at += cols) {
      const row = values.subarray(at, at + cols);
      const most = row.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      sum += most / Math.sqrt(row.reduce((s, v) => s + v * v, 0) / cols);
    }
    return sum / rows;
  };
  it("stands out 30.4-fold", () => near(peak(x), 30.4, 0.01, "peak"));

  it("1.92-fold behind one reflection", async () => {
    const job = { checkpoint: async () => {} } as unknown as StepJob;
    const fitted = await householder.fit({ k: 1, seed: 0, stream: 256 }, { rows, cols, values: x }, job);
    near(peak(householder.forward(fitted, { row0: 0, rows, cols, values: x })), 1.92, 0.04, "peak");
  });

  it("1.95-fold behind a Hadamard rotation", () => {
    const turned = x.slice();
    const [rotation] = planOf(`ht(${cols})+f32`, rows, cols).transforms;
    for (let at = 0; at < turned.length; at += cols) rotation.forward(turned, at, cols, 0);
    near(peak(turned), 1.95, 0.04, "peak");
  });
});
