import "../../kernels/notation/all.ts";
import { describe, expect, it } from "vitest";
import { quantizeText } from "../../kernels/testing/matrix.ts";
import { standardSweeps } from "../backends/sweeps.ts";
import { openSynthetic } from "../calibration/open.ts";
import { parseSynthetic } from "../calibration/synthetic.ts";
import { sweepPart } from "../jobs/sweep/sweep.ts";
import { writeGptq } from "../layouts/for-test/integers.ts";
import { openPath } from "../sources/node.ts";
import { TensorCache } from "../tensors/cache.ts";
import { openWritten } from "../testing/open-written.ts";
import { asked, scored, scoredRows, sourceOf } from "./for-test.ts";
import { freshLoss, freshParts, freshRequest } from "./fresh.ts";
import { planOf } from "./plan.ts";
import { intervalFactor } from "./sample.ts";
import { tableOf } from "./table.ts";

const LARGE = { name: "model.layers.0.mlp.up_proj.weight", shape: [2048, 256] };
/** Rows differ in size, as those of weights do. */
const uneven = (values: Float32Array) => {
  for (let i = 0; i < values.length; i++) values[i] *= 1 + Math.floor(i / 256) / 2048;
};

describe("whole tensors", () => {
  it("of the sample model have the figures of a sweep, to the bit, and are exact", async () => {
    const source = await openPath("public/samples/small-llama/model.safetensors", { cache: new TensorCache() });
    const only = ["*.1.mlp.down_proj.*", "*.3.self_attn.k_proj.*"];
    const recipes = "int2/128;nvfp4;e4m3/128x128;int4(asym)/64:f16;int8/row;q4_0;int4/128~mse;rht(128,seed=1)+int4/128";
    const scores = await scored(source, asked(recipes, { only }));
    expect(scores.tensors.map(({ layer, role, rows, rowsRead }) => [layer, role, rows, rowsRead])).toEqual([
      [1, "down_proj", 256, 256],
      [3, "k_proj", 128, 128],
    ]);
    for (const [t, tensor] of scores.tensors.entries()) {
      const part = { recipes: scores.recipes, definitions: [], phases: 0, backend: null };
      const control = { signal: new AbortController().signal, progress() {} };
      const { points } = await sweepPart(part, async () => source.matrix(tensor.name), standardSweeps(), control);
      expect(scores.signals.nmse.values[t]).toEqual(points.map(({ metrics }) => metrics!.nmse));
      expect(tensor.bits).toEqual(points.map(({ metrics }) => Math.round(metrics!.bitsPerWeight * tensor.elements)));
    }
    expect(scores.tensors.flatMap(({ exact }) => exact)).not.toContain(false);
    expect(scores.signals.nmse.error!.flat().every((error) => error === 0)).toBe(true);
    // What is not scored is known by its bits: a budget for the file is over it as well.
    expect(scores.leftOut!.reduce((sum, { names }) => sum + names, 0)).toBe(source.info.tensors.length - 2);
    source.close();
  });

  it("add up by their energies to the nmse of all of them as one", async () => {
    const source = sourceOf([
      { name: "a.0.w", shape: [16, 128], change: (v) => v.set(v.map((x) => 3 * x)) },
      { name: "a.1.w", shape: [64, 128] },
      { name: "a.2.w", shape: [8, 128], change: (v) => v.fill(0) },
    ]);
    const scores = await scored(source, asked("int3/32;int4/32", { signals: ["nmse", "weighted", "modelNmse"] }));
    const table = tableOf(scores, "nmse");
    const parts = await Promise.all(
      source.info.tensors.map(async ({ name, shape: [rows, cols] }) => {
        const values = await source.matrix(name).read(0, rows);
        return (await quantizeText("int3/32", values, rows, cols)).report.measured.sums;
      }),
    );
    const sum = (key: "error" | "signal") => parts.reduce((total, sums) => total + sums[key], 0);
    expect(table.choices).toEqual(["int3/32", "int4/32", "keep"]);
    expect(table.loss[0] + table.loss[3] + table.loss[6]).toBeCloseTo(sum("error") / sum("signal"), 12);
    // A tensor of zeros has no nmse and loses nothing; `keep` loses nothing at its stored bits.
    expect([...table.loss.subarray(6)]).toEqual([0, 0, 0]);
    expect([...table.bits.subarray(6)]).toEqual([8 * 128 * 3 + 8 * 4 * 32, 8 * 128 * 4 + 8 * 4 * 32, 32 * 8 * 128]);
    expect(scores.signals.modelNmse.values[1][0]).toBeCloseTo(table.loss[3], 14);
    expect(scores.signals.weighted.values[1][0]).toBeCloseTo((scores.signals.nmse.values[1][0]! * 64) / 88, 14);
    expect(() => tableOf(scores, "kl")).toThrow('The scores have no signal "kl". There are nmse, weighted, modelNmse.');
  });
});

describe("sampled tensors", () => {
  const source = sourceOf([
    { ...LARGE, change: uneven },
    { name: "model.layers.1.mlp.up_proj.weight", shape: [2048, 256], change: uneven },
  ]);
  const recipes = "int3/128;nvfp4;int8/tensor;e4m3/16x16";
  const whole = scored(source, asked(recipes));

  it("have their rows' figures with an interval that holds those of the whole, and say what is not as in it", async () => {
    const truth = await whole;
    const request = asked(recipes, { share: 0.1 });
    const plan = await planOf(source.info, request);
    const scores = await scored(source, request);
    const [tensor] = scores.tensors;
    // Blocks of 16 rows are read whole.
    expect([tensor.rowsRead, tensor.runs, tensor.rowsRead % 16]).toEqual([192, 12, 0]);
    expect(plan.bytesRead).toBe(2 * 192 * 256 * 4);
    expect(plan.bytesExact).toBe(2 * 2048 * 256 * 4);
    const [value, error] = [scores.signals.nmse.values[0][0]!, scores.signals.nmse.error![0][0]!];
    expect(Math.abs(value - truth.signals.nmse.values[0][0]!)).toBeLessThan(error * intervalFactor(tensor.runs!) * 1.5);
    expect(error).toBeGreaterThan(0);
    // The whole's squares are estimated as well, and their error is in that of the loss.
    expect(Math.abs(tensor.energy! - truth.tensors[0].energy!)).toBeLessThan(5 * tensor.energyError!);
    const { loss, deviation } = tableOf(scores, "nmse");
    expect(deviation![0] / loss[0]).toBeCloseTo(Math.hypot(error / value, tensor.energyError! / tensor.energy!), 9);
    expect(truth.tensors[0].energyError).toBeUndefined();
    // Bits are counted of the whole, never estimated.
    expect(tensor.bits).toEqual(truth.tensors[0].bits);
    expect(tensor.exact).toEqual([false, false, false, false]);
    expect(tensor.inexact).toEqual([
      null,
      "a scale of scales of the whole tensor is that of the rows read",
      "a scale of the whole tensor is that of the rows read",
      null,
    ]);
    expect(plan.notes).toContainEqual(expect.stringMatching(/^nvfp4 is inexact/));
  });

  it("take a pass over all of a tensor for its scale where that is asked for", async () => {
    const spike = sourceOf([{ ...LARGE, change: (v) => v.fill(40, 0, 1) }]);
    const truth = (await scored(spike, asked("int8/tensor"))).signals.nmse.values[0][0]!;
    const read = async (wholeStatistics: boolean) =>
      scored(spike, asked("int8/tensor", { share: 0.1, wholeStatistics, seed: 3 }));
    const [without, withPass] = [await read(false), await read(true)];
    // The one large value sets the scale of all: without it the error is much too small.
    expect(without.signals.nmse.values[0][0]).toBeLessThan(truth / 20);
    expect(withPass.signals.nmse.values[0][0]! / truth).toBeGreaterThan(0.9);
    expect(withPass.signals.nmse.values[0][0]! / truth).toBeLessThan(1.2);
    expect(withPass.tensors[0].inexact).toBeUndefined();
  });

  it("run a recipe that holds the matrix on all of it, or say what it would take", async () => {
    const narrow = sourceOf([{ name: "a.0.w", shape: [1024, 64] }]);
    const scores = await scored(narrow, asked("int4/64;int4/64+lowrank(4)", { share: 0.1 }));
    const truth = await scored(narrow, asked("int4/64+lowrank(4)"));
    expect(scores.tensors[0].exact).toEqual([false, true]);
    expect(scores.signals.nmse.values[0][1]).toBe(truth.signals.nmse.values[0][0]);
    expect(scores.tensors[0].bits[1]).toBe(truth.tensors[0].bits[0]);
    expect([scores.tensors[0].energy, scores.tensors[0].energyError]).toEqual([truth.tensors[0].energy, undefined]);
    const small = await scored(narrow, asked("int4/64;int4/64+lowrank(4)", { share: 0.1, budget: 1e6 }));
    expect(small.tensors[0].refused[1]).toMatch(
      /^int4\/64\+lowrank\(4\) on a 1024 x 64 matrix takes about .* and 1\.0 MB are allowed/,
    );
    expect(small.tensors[0].bits[1]).toBeNull();
    expect(tableOf(small, "nmse").refused(0, 1)).toContain("1.0 MB are allowed");
  });

  it("are measured again on rows that were not read, and a choice among noise is found to be one", async () => {
    const request = asked(recipes, { share: 0.1 });
    const scores = await scored(source, request);
    const choice = Int32Array.of(0, 3);
    const rows = [];
    for (const part of freshParts(scores, choice)) {
      rows.push(...(await scoredRows(source, freshRequest(request, scores, part, 2), { tensors: part.tensors })));
    }
    const found = freshLoss(scores, choice, rows);
    expect([found.tensors, found.whole]).toEqual([2, 0]);
    expect(found.fresh).not.toBe(found.chosen);
    expect(Math.abs(found.fresh - found.chosen)).toBeLessThan(6 * (found.freshError + found.chosenError));
    const all = await scored(source, asked(recipes));
    const again = await scoredRows(source, freshRequest(asked(recipes), all, freshParts(all, choice)[0], 2), {
      tensors: [LARGE.name],
    });
    expect(again[0].notes).toContainEqual(`${LARGE.name} has no rows that were not read before`);
    expect(freshLoss(all, choice, again)).toMatchObject({ tensors: 0, whole: 2 });
  });
});

describe("what has no figures", () => {
  const source = sourceOf([
    { name: "a.0.w", shape: [8, 96] },
    { name: "a.1.w", shape: [8, 96], change: (v) => v.fill(Number.NaN, 5, 6) },
    { name: "a.2.w", shape: [8, 96], change: (v) => v.fill(3e38, 5, 6) },
  ]);

  it("says why, tensor by tensor and before anything is read", async () => {
    const request = asked("int4/32;q4_k;e4m3(sat=nan)/32~pct(90);gptq+int4/32");
    expect((await planOf(source.info, request)).notes).toContainEqual(
      expect.stringMatching(/^q4_k does not fit 3 tensors, as a\.0\.w: q4_k needs rows of whole blocks of 256/),
    );
    const scores = await scored(source, request);
    expect(scores.tensors[0].refused[1]).toMatch(/^q4_k needs rows of whole blocks/);
    expect(scores.tensors[1].notes).toContainEqual("a.1.w: 1 of the values read are not finite, and in no figure");
    expect(scores.signals.nmse.values[1][0]).toBeGreaterThan(0);
    // Results that are not finite where their values were: no figure, and no choice.
    expect(scores.tensors[0].refused[2]).toMatch(/results? (is|are) not finite where/);
    expect(scores.tensors[0].refused[3]).toMatch(/^gptq needs a calibration/);
    const table = tableOf(scores, "nmse");
    expect([...table.loss.subarray(0, 5)].map(Number.isNaN)).toEqual([false, true, true, true, false]);
    expect(table.refused(0, 2)).toBe(scores.tensors[0].refused[2]);
  });

  it.each<[string, Parameters<typeof asked>, RegExp]>([
    ["there is no recipe", ["keep"], /^A grid needs one recipe at least/],
    ["a recipe cannot be read", ["int4/64;int4/"], /expected/],
    ["another program's results are meant", ["given(bits=4)"], /a grid is for every tensor of a model/],
    ["nothing is chosen", ["int4/32", { only: ["b.*"] }], /^made has no tensor to score: 3 are named by no pattern\.$/],
    ["the share is none", ["int4/32", { share: 0 }], /^A share of rows is above 0 and at most 1, not 0\.$/],
  ])("is refused before anything is read where %s", async (_, [recipes, more], message) => {
    await expect(planOf(source.info, asked(recipes, more))).rejects.toThrow(message);
  });

  it.each([
    ["kl", /^kl is no signal of a tensor's values alone/],
    ["imatrix", /^imatrix needs a calibration: mean squares of its input channels are needed/],
    ["nothing", /^There is no signal "nothing"\.$/],
  ])("is refused where the signal %s cannot be had", async (signal, message) => {
    await expect(scored(source, asked("int4/32", { signals: ["nmse", signal] }))).rejects.toThrow(message);
  });
});

describe("signals of values", () => {
  const source = sourceOf([{ name: "a.0.w", shape: [1024, 64] }]);
  const calibration = openSynthetic(parseSynthetic("outliers(tokens=64,seed=1)"));

  it("are taken of the same rows, in the same pass, with their intervals", async () => {
    const request = { signals: ["nmse", "outputNmse", "kurtosis"], calibration: "c" };
    const truth = await scored(source, asked("int3/32;int4/32", request), calibration);
    const scores = await scored(source, asked("int3/32;int4/32", { ...request, share: 0.1 }), calibration);
    const plain = await scored(source, asked("int3/32;int4/32", { share: 0.1 }));
    expect(scores.signals.nmse.values[0][0]).toBeCloseTo(plain.signals.nmse.values[0][0]!, 9);
    const [value, error] = [scores.signals.outputNmse.values[0][0]!, scores.signals.outputNmse.error![0][0]!];
    expect(Math.abs(value - truth.signals.outputNmse.values[0][0]!)).toBeLessThan(4 * error);
    expect(truth.signals.outputNmse.error![0]).toEqual([0, 0]);
    // One figure a tensor, whatever the recipe.
    expect(scores.signals.kurtosis.values[0]).toHaveLength(1);
    expect(() => tableOf(scores, "kurtosis")).toThrow(/^kurtosis is one figure for a tensor/);
  });
});

describe("experts", () => {
  const source = sourceOf([{ name: "blk.2.ffn_down_exps.weight", shape: [4, 32, 64] }]);

  it("of a stack are one tensor, or one each", async () => {
    const [one] = (await scored(source, asked("int4/32"))).tensors;
    expect(one).toMatchObject({ layer: 2, role: "down_proj", expert: null, rows: 128, elements: 8192 });
    const each = await scored(
      source,
      asked("int4/32", { kinds: { small: false, embeddings: false, head: false, experts: "each" } }),
    );
    expect(each.tensors.map(({ name, expert, rows }) => [name, expert, rows])).toEqual(
      [0, 1, 2, 3].map((e) => [`blk.2.ffn_down_exps.weight[${e}]`, e, 32]),
    );
    expect(each.tensors.reduce((sum, { bits }) => sum + bits[0]!, 0)).toBe(one.bits[0]);
    const energies = each.tensors.map(({ energy }) => energy!);
    expect(energies.reduce((a, b) => a + b)).toBeCloseTo(one.energy!, 6);
  });
});

describe("quantized checkpoints", () => {
  it("are scored as the weights that their codes stand for, and say what reading some rows of them takes", async () => {
    const written = writeGptq({ out: 512, inputs: 128, group: 64 }, 4, {}, 3);
    const source = await openWritten(written);
    const [{ name }] = source.info.tensors.filter(({ stored }) => stored);
    const request = asked("int4/32;int8/32", { share: 0.1, only: [name] });
    const [plan, scores] = [await planOf(source.info, request), await scored(source, request)];
    const [tensor] = scores.tensors;
    // Its words hold eight inputs of one output each: outputs lie across the file.
    expect(plan.bytesRead).toBe(plan.bytesExact);
    expect(tensor.rowsRead).toBeLessThan(tensor.rows);
    expect(tensor.storedBits / tensor.elements).toBeLessThan(5);
    const truth = await scored(source, asked("int4/32;int8/32", { only: [name] }));
    const [value, error] = [scores.signals.nmse.values[0][1]!, scores.signals.nmse.error![0][1]!];
    expect(Math.abs(value - truth.signals.nmse.values[0][1]!)).toBeLessThan(6 * error);
  });
});
