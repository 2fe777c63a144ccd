import { describe, expect, it } from "vitest";
import { anyValues, nearTies, plainValues, specialValues, subnormalValues } from "../backends/hostile-values.ts";
import { ComputeDevice } from "../backends/webgpu/device/device.ts";
import { DeviceLostError, GpuError } from "../backends/webgpu/device/errors.ts";
import { createWebgpuSweep } from "../backends/webgpu/sweep/backend.ts";
import { chunksOf } from "../backends/webgpu/sweep/chunks.ts";
import { withExactFma } from "../backends/webgpu/sweep/exact-fma.ts";
import { sweepShaders } from "../backends/webgpu/sweep/kernels.ts";
import { refusalOf } from "../backends/webgpu/sweep/recipe.ts";
import type { SweepTarget } from "../backends/webgpu/sweep/wgsl/frame.ts";
import { comparators } from "../backends/webgpu/sweep/wgsl/sort.ts";
import { dawnDevice } from "../testing/dawn.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { SWEEP_RECIPES } from "../testing/sweep-cases.ts";
import { sweepDifference } from "./compare.ts";
import { type MatrixSweep, sweepMatrix } from "./index.ts";
import { sweepSelfCheck } from "./self-check.ts";

const sweep = await createWebgpuSweep(dawnDevice);
const pace = async () => {};

/** The recipes of a grid that the kernels take for a matrix of this size. */
function plansFor(rows: number, cols: number) {
  return SWEEP_RECIPES.map((text) => planOf(text, rows, cols)).filter((plan) => refusalOf(plan) === null);
}

const short = (values: Float32Array) =>
  new Float32Array(new Uint32Array(values.slice().buffer).map((bits) => bits & 0xffff0000).buffer);

async function expectAgreement(values: Float32Array, rows: number, cols: number, phases = 0, on: MatrixSweep = sweep) {
  const plans = plansFor(rows, cols);
  expect(plans.length).toBeGreaterThan(400);
  const source = matrixOf(values, rows, cols);
  expect(await sweepDifference(on, source, plans, phases)).toBeNull();
}

describe("a sweep on a GPU gives the reference's counts, and its sums to a part in a million", () => {
  it("for every kind of recipe", () => expectAgreement(plainValues(40 * 160), 40, 160));

  it("where values lie on middles between levels", () => expectAgreement(short(normalValues(40 * 160, 3)), 40, 160));

  it("on rows that no block divides, one row, one column, one element and zeros", async () => {
    await expectAgreement(normalValues(37 * 101, 2), 37, 101);
    await expectAgreement(normalValues(100, 4), 1, 100);
    await expectAgreement(normalValues(100, 5), 100, 1);
    await expectAgreement(Float32Array.of(-0.3), 1, 1);
    await expectAgreement(new Float32Array(64), 2, 32);
  });

  it("with NaN, Inf and subnormals among the values", () => expectAgreement(specialValues(20 * 96), 20, 96));

  it("where quotients of scales lie beside middles, nearer than float32 tells", async () => {
    // 448 k / 256 / 1.75 is k, but that 1.75 / (6 * 448) is rounded.
    const ratios = Float32Array.from({ length: 64 }, (_, k) => (k === 0 ? 1.75 : k / 256));
    await expectAgreement(ratios, 1, 64);
    // The ends' distance over 15 is a little more than the middle of 1 and its successor in float16.
    const ends = Float32Array.from({ length: 64 }, (_, k) => [15 * (1 + 2 ** -11), -(2 ** -28), 1.25, 3][k % 4]);
    await expectAgreement(ends, 2, 32);
  });

  it("moved inside an octave", () => expectAgreement(normalValues(8 * 64, 6), 8, 64, 3));

  it("as its own check finds", async () => {
    const { ok, cases, first } = await sweepSelfCheck(sweep);
    expect([ok, first]).toEqual([true, undefined]);
    expect(cases).toBeGreaterThan(500_000);
  });
});

describe("what the kernels leave to others", () => {
  it("is told by the recipe", () => {
    const why = (text: string) => refusalOf(planOf(text, 64, 128));
    expect(why("rht(32,seed=1)+int4/32")).toBe("does not sweep rotations");
    expect(why("int4@sr(seed=1)/32")).toBe("only rounds to nearest even in sweeps (@sr)");
    expect(why("int4/32~pct(99)")).toBe("does not search for scales");
    expect(why("int4/24")).toBe("has only blocks of multiples of 16 along a row in sweeps");
    expect(why("binary/64")).toBe("has only formats with a zero in sweeps");
    expect(why("int4/32:uint8/row:f16")).toBe("has no scales in uint8 in sweeps");
    expect(why("int4(signmax)/32:f16")).toBe("has no signed maximum in sweeps");
    expect(why("bnb_nf4")).toBe("does not imitate libraries in sweeps");
    expect(why("nf4/32")).toBeNull();
  });

  it("is told by the tensor", async () => {
    const declines = (values: Float32Array, text = "int4/16") =>
      sweep.declines(matrixOf(values, 1, values.length), planOf(text, 1, values.length), pace);
    expect(await declines(subnormalValues(64))).toBe("does not sweep tensors with blocks that small or large");
    expect(await declines(anyValues(64))).toBe("does not sweep tensors with blocks that small or large");
    expect(await declines(specialValues(64))).toBeNull();
    expect(await declines(specialValues(64), "uint4/16")).toBe(
      "has no unsigned formats for tensors with subnormal values in sweeps",
    );
    expect(await declines(specialValues(64), "int4(asym)/16")).toBe(
      "has no affine formats for tensors with NaN or Inf in sweeps",
    );
  });
});

/** Shaders that compile at once and do nothing. */
const nothing = () => "@compute @workgroup_size(1) fn main() {}";
const trivial = { integers: nothing, floats: nothing, affine: nothing, books: nothing };

describe("where fma rounds once, as on a GPU, and without subgroups", () => {
  it("a sweep gives the reference's figures, too", async () => {
    // Fewer kernels than there are: the program that stands in for a GPU takes seconds to compile each.
    const exact = (kernel: "integers" | "floats", short: boolean) => (target: SweepTarget) =>
      target.short === short
        ? withExactFma(sweepShaders[kernel]({ ...target, long: false, fused: true, subgroups: null }))
        : trivial[kernel]();
    const on = await createWebgpuSweep(dawnDevice, {
      shaders: { ...trivial, integers: exact("integers", false), floats: exact("floats", true) },
    });
    const plain = normalValues(24 * 96, 9);
    const agree = async (values: Float32Array, ...texts: string[]) => {
      const plans = texts.map((text) => planOf(text, 24, 96));
      expect(await sweepDifference(on, matrixOf(values, 24, 96), plans)).toBeNull();
    };
    await agree(short(plain), "e2m1/32", "e4m3/64:f16");
    await agree(plain, "int4/32", "int8/row:f16", "int3/32:e4m3");
    await agree(nearTies("int4/32", plain, 24, 96), "int4/32", "int5/32:f16");
    await agree(nearTies("int8/row:f16", plain, 24, 96), "int8/row:f16");
  });
});

describe("failures", () => {
  const plans = ["int4/16", "nf4/16"].map((text) => planOf(text, 16, 64));
  const source = () => matrixOf(normalValues(16 * 64), 16, 64);

  it("reject with DeviceLostError when the device goes in mid-sweep", async () => {
    const device = await dawnDevice();
    const lost = await createWebgpuSweep(device, { shaders: trivial });
    let calls = 0;
    const dropping = async () => {
      if (++calls === 2) device.destroy();
    };
    await expect(lost.totals(source(), plans, 1, dropping)).rejects.toThrow(DeviceLostError);
    await expect(lost.totals(source(), plans, 1, pace)).rejects.toThrow(/^the GPU device was lost \(/);
  });

  it("reject with the compiler's words where a shader does not compile", async () => {
    const wrong = { ...trivial, floats: () => "fn main() { let x = 1 +; }" };
    const made = createWebgpuSweep(dawnDevice, { shaders: wrong });
    await expect(made).rejects.toThrow(GpuError);
    await expect(made).rejects.toThrow(/^sweep floats, line 1: /);
  });

  it("leave what is swept next right where a kernel was refused when it was first needed", async () => {
    const large = "var<workgroup> all: array<atomic<u32>, 16384>;";
    const tooLarge = `${large} @compute @workgroup_size(1) fn main() { atomicStore(&all[0], 1u); }`;
    const affine = ({ size }: SweepTarget) => (size === 16 ? tooLarge : nothing());
    const on = await createWebgpuSweep(dawnDevice, {
      shaders: { ...trivial, integers: sweepShaders.integers, affine },
    });
    const matrix = source();
    const right = [planOf("int4/32", 16, 64)];
    expect(await sweepDifference(on, matrix, right)).toBeNull();
    const refused = on.totals(matrix, [planOf("int4(asym)/16", 16, 64)], 1, pace);
    await expect(refused).rejects.toThrow(/^the GPU failed: .*workgroup storage/);
    expect(await sweepDifference(on, matrix, right)).toBeNull();
  });

  it("end a sweep where its pace does, and leave the next one whole", async () => {
    let left = 2;
    const stopping = async () => {
      if (left-- === 0) throw new DOMException("over", "AbortError");
    };
    const matrix = source();
    await expect(sweepMatrix(matrix, plans, { backend: sweep, pace: stopping, phases: 0 })).rejects.toThrow("over");
    expect(await sweepDifference(sweep, matrix, plans)).toBeNull();
  });
});

describe("the parts", () => {
  it("are shaders that compile, too, where fma rounds once, with subgroups and without", async () => {
    const { device } = new ComputeDevice(await dawnDevice());
    for (const text of Object.values(sweepShaders)) {
      for (const short of [false, true]) {
        for (const subgroups of [null, { least: 32, most: 32 }, { least: 8, most: 32 }]) {
          const code = text({ size: short ? 16 : 32, short, long: short, fused: true, compact: false, subgroups });
          const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
          expect(messages.filter((m) => m.type === "error")).toEqual([]);
        }
      }
    }
  });

  it("sort", () => {
    for (const size of [16, 32]) {
      const values = Array.from(normalValues(size, 8));
      const sorted = values.slice();
      for (const [i, j] of comparators(size)) {
        if (sorted[i] > sorted[j]) [sorted[i], sorted[j]] = [sorted[j], sorted[i]];
      }
      expect(sorted).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it("cut many recipes into dispatches of a few grids and codebooks, bounded in work", () => {
    const many = Array.from({ length: 7 }, (_, i) => `int4/${16 * (i + 1)}`).concat(["int4/col", "nf4/16", "e4m3/16"]);
    const chunks = chunksOf(
      many.map((text) => planOf(text, 64, 256)),
      false,
    );
    expect(chunks.map((c) => [c.kernel, c.runs.size, c.runs.down, c.grids.length, c.members.length])).toEqual([
      ["integers", 16, false, 4, 4],
      ["floats", 16, false, 1, 1],
      ["books", 16, false, 1, 1],
      ["integers", 32, false, 3, 3],
      ["integers", 32, true, 1, 1],
    ]);
    const huge = Array.from({ length: 64 }, () => planOf("int4/16", 2 ** 14, 2 ** 14));
    expect(chunksOf(huge, false).map((c) => c.members.length)).toEqual([32, 32]);
  });
});
