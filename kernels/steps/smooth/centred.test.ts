/** SmoothQuant around the middle of each channel's range (SQ-b of MPTQ-ViT, arXiv 2401.14895). */
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { type Calibration, startReduction } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { parseRecipe } from "../../notation/index.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";

const [rows, cols, tokens] = [24, 64, 96];
const w = normalValues(rows * cols, 5);
/** Inputs with a mean of 5 of either sign, and a deviation of 1. */
const x = normalValues(tokens * cols, 6).map((v, i) => v + ((i % cols) % 3 === 0 ? -5 : 5));

async function calibrationOf(inputs: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(inputs);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}
const calibration = calibrationOf(x);

async function run(recipe: string, activations?: string, known?: Calibration) {
  const quantized = await quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), {
    ...{
      backend: referenceBackend,
      calibration: known ?? (await calibration),
      checkpoint: async () => {},
      now: () => 0,
    },
    ...(activations && {
      activations: { recipe: parseRecipe(activations), definitions: [], scales: "dynamic" },
    }),
  });
  return { report: quantized.report, result: (await quantized.rows(0, rows)).result };
}

const middle = Float64Array.from({ length: cols }, (_, c) => {
  const own = Array.from({ length: tokens }, (_, t) => x[t * cols + c]);
  return (Math.max(...own) + Math.min(...own)) / 2;
});

/** Outputs of Q (x - b) + W b less those of W x, token by token; over W x. Where `corrected`, less their mean over the tokens. */
function written(result: Float32Array, b: Float64Array, corrected = false): number {
  let [error, signal] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const errors = Array.from({ length: tokens }, (_, t) => {
      let [wanted, found] = [0, 0];
      for (let c = 0; c < cols; c++) {
        const own = w[r * cols + c];
        wanted += own * x[t * cols + c];
        found += result[r * cols + c] * (x[t * cols + c] - b[c]) + own * b[c];
      }
      signal += wanted ** 2;
      return found - wanted;
    });
    const mean = corrected ? errors.reduce((sum, e) => sum + e, 0) / tokens : 0;
    for (const e of errors) error += (e - mean) ** 2;
  }
  return error / signal;
}

describe("smooth(by=centred)", () => {
  it("leaves outputs what they are where nothing is rounded", async () => {
    const { report } = await run("smooth(by=centred)+f32", "f32");
    expect(report.metrics.outputNmse!).toBeLessThan(1e-13);
    expect(report.recipe).toBe("smooth(by=centred)+f32");
    expect(report.metrics.bitsPerWeight).toBeCloseTo(32 + 32 / cols, 12);
  });

  it.each([
    ["int4/row", 0.2],
    // It makes small what the mean does by itself.
    ["gptq+int4/row", 0.8],
  ])("has the output error of %s as it is written out, below that of plain smoothing", async (quantizer, share) => {
    const { report, result } = await run(`smooth(by=centred)+${quantizer}`);
    expect(report.metrics.outputNmse! / written(result, middle)).toBeCloseTo(1, 4);
    const plain = (await run(`smooth+${quantizer}`)).report.metrics.outputNmse!;
    expect(report.metrics.outputNmse!).toBeLessThan(share * plain);
  });

  it("has it behind a rotation, in whose channels the middle lies", async () => {
    const { report, result } = await run("ht(64)+smooth(by=centred)+int4/row", "f32");
    const turned = x.slice();
    const [rotation] = planOf("ht(64)+f32", rows, cols).transforms;
    for (let at = 0; at < turned.length; at += cols) rotation.forward(turned, at, cols, 0);
    const b = Float32Array.from({ length: cols }, (_, c) => {
      const own = Array.from({ length: tokens }, (_, t) => turned[t * cols + c]);
      return (Math.max(...own) + Math.min(...own)) / 2;
    });
    rotation.inverse(b, 0, cols, 0);
    expect(report.activations!.weightOnly! / written(result, Float64Array.from(b))).toBeCloseTo(1, 3);
  });

  it("leaves to a bias correction what the mean still errs by, and no more", async () => {
    const { report, result } = await run("smooth(by=centred)+int3/row+bias(values=f32)");
    expect(report.metrics.outputNmse! / written(result, middle, true)).toBeCloseTo(1, 4);
  });

  it.each(["int8/row", "int4/row"])("beats plain smoothing for %s inputs that are far from zero", async (text) => {
    const [plain, centred] = [await run("smooth+f32", text), await run("smooth(by=centred)+f32", text)];
    // A range of about 8 in place of 5: its step and so its error are a half and a quarter and less.
    expect(centred.report.activations!.joint!).toBeLessThan(0.3 * plain.report.activations!.joint!);
  });

  it("takes percentiles around the middle, and needs means", async () => {
    const { report } = await run("smooth(0.5,pct=99,by=centred)+int8/row", "int8/row");
    expect(report.activations!.joint!).toBeLessThan(
      (await run("smooth+int8/row", "int8/row")).report.activations!.joint!,
    );
    await expect(run("smooth(by=centred)+int4/row", undefined, { ...(await calibration), mean: null })).rejects.toThrow(
      "smooth needs the mean of each input channel, and X.npy has none",
    );
  });
});
