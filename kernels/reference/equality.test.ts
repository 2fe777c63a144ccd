/**
 * The same numbers everywhere: whole runs on wasm and on WebGPU (SwiftShader, in Node) against the reference, over real
 * checkpoints, golden inputs and any bits. `EQUALITY=all npx vitest run kernels/reference/equality` runs every recipe over
 * every tensor; without it each tensor gets a few recipes in turn, and the shaders, slow in software, small tensors alone.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { floatBits, floatFromBits } from "../exact/bits.ts";
import { affine, type Case, casts, matrices, scaled } from "../testing/cases.ts";
import { dawnDevice } from "../testing/dawn.ts";
import { lcgValues } from "../testing/matrix.ts";
import { runDifference, type TestMatrix } from "../testing/runs.ts";
import { readSafetensors } from "../testing/safetensors.ts";
import { sharedFile } from "../testing/shared.ts";
import { createWasmBackend } from "../wasm/index.ts";
import { createWebgpuBackend } from "../webgpu/backend.ts";

const everything = process.env.EQUALITY === "all";

/** Every family of formats, scales, blocks, roundings, rules and presets; blocks that divide few rows, and none. */
const RECIPES = [
  ..."f32 e4m3 bf16@sr(seed=9) int8 nf4".split(" "),
  ..."int4/32 int4/128:f16 int8/row int4/col int8/tensor int4(asym)/32:f16 int4(signmax)/32:f16 int3(half)/20".split(
    " ",
  ),
  ..."mxfp4 mxfp4~mx(even) mxfp8 nvfp4 e2m1/16:ue5m3 e4m3/8x16 e5m2/flat(100) e3m2/7".split(" "),
  ..."nf4/64 af4/32:f16 ternary/172 dynamic8/flat(256) codebook(-1,-0.35,0,0.35,1)/64:f16".split(" "),
  ..."int4@sr(seed=1)/32 e2m1@away/32 e4m3@trunc/row nf4@coin(seed=2)/64 int8(asym)@odd/row".split(" "),
  ..."int4/32~pct(99) e4m3/row~rms(2.9) int4/32:uint8/row:f16 e4m3(sat=nan)/row~pct(90)".split(" "),
  ..."bnb_nf4 bnb_fp4 torchao_nvfp4 rht(4,seed=3)+int4/32".split(" "),
];

/** Recipes for the matrix at this place of a list, so that a list sees all of them. */
const inTurn = (place: number, count: number): string[] =>
  everything ? RECIPES : Array.from({ length: count }, (_, k) => RECIPES[(place * count + k) % RECIPES.length]);

let wasm: Backend;
let webgpu: Backend | null = null;
let whyNot = "";
beforeAll(async () => {
  wasm = await createWasmBackend();
  try {
    webgpu = await createWebgpuBackend(await dawnDevice());
  } catch (error) {
    whyNot = (error as Error).message;
    console.warn(`no WebGPU in Node, so the shaders are not compared: ${whyNot}`);
  }
}, 120_000);

/** How many comparisons a backend was given, and how many it refused. */
const tally = { compared: 0, refused: 0 };

async function expectEqual(backend: Backend, recipe: string, matrix: TestMatrix, tileElements?: number) {
  // Rotations need rows of whole blocks.
  if (recipe.startsWith("rht(4") && matrix.cols % 4 !== 0) return;
  const difference = await runDifference(backend, recipe, matrix, tileElements);
  if (difference === "refused") tally.refused++;
  else {
    tally.compared++;
    expect(difference).toBeNull();
  }
}

/** The shaders take seconds for large tensors in software. */
const forShaders = ({ values }: TestMatrix) => everything || values.length <= 4096;

const FILES = ["stories260K.f32", "stories260K.bf16", "silero_vad_16k"].map((name) => ({
  name,
  path: sharedFile(`data/${name}.safetensors`),
}));

/** Each recipe costs the shaders a compilation: a few of unlike kinds. */
const forShader = (place: number): string[] => (everything ? RECIPES : [RECIPES[(7 * place + 3) % RECIPES.length]]);

for (const [file, { name, path }] of FILES.entries()) {
  describe.skipIf(!path)(`${name}${path ? "" : " (skipped: its file is not beside the repository)"}`, () => {
    const tensors = path ? readSafetensors(path) : [];
    it("is the same on wasm", { timeout: 3_600_000 }, async () => {
      for (const [i, tensor] of tensors.entries()) {
        for (const recipe of inTurn(i, 4)) await expectEqual(wasm, recipe, tensor, 10_000);
      }
      expect(tally.compared).toBeGreaterThan(0);
    });

    it("is the same on the GPU", { timeout: 7_200_000 }, async ({ skip }) => {
      if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
      const some = tensors.filter(forShaders).slice(0, everything ? undefined : 2);
      for (const [i, tensor] of some.entries()) {
        for (const recipe of forShader(2 * file + i)) await expectEqual(webgpu, recipe, tensor);
      }
      expect(some.length).toBeGreaterThan(0);
    });
  });
}

describe("golden inputs", () => {
  /** Every bfloat16: NaNs, infinities, subnormals and both zeros among them. */
  const bf16: TestMatrix = {
    rows: 256,
    cols: 256,
    values: Float32Array.from({ length: 65536 }, (_, k) => floatFromBits((k << 16) >>> 0)),
  };
  const direct =
    "e4m3(sat=inf) e4m3fnuz(sat=inf) e4m3b11fnuz(sat=inf) e4m3ieee(sat=inf) e3m4ieee(sat=inf) e5m2(sat=inf) " +
    "e5m2fnuz(sat=inf) e8m0(sat=nan) e2m3 e3m2 e2m1 bf16(sat=inf) f16(sat=inf)";
  const packed: TestMatrix = { rows: 8, cols: 1024, values: lcgValues(8 * 1024) };
  const elements = ["e2m1", "e4m3", "e2m3", "e3m2"];
  const stored = ["~mx(floor):e8m0", "~mx(even):e8m0", ":e8m0@up", "~mx(ceil):e8m0"];
  const mx = elements.flatMap((element) => stored.map((scale) => `${element}/32${scale}`));
  const blocks = [...mx, "nvfp4", "nf4(arith=bnb)/64"];

  it("give the same on wasm", { timeout: 600_000 }, async () => {
    for (const recipe of direct.split(" ")) await expectEqual(wasm, recipe, bf16);
    for (const recipe of blocks) await expectEqual(wasm, recipe, packed);
  });

  it("give the same on the GPU", { timeout: 1_200_000 }, async ({ skip }) => {
    if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
    const some = <T>(list: T[], every: number) => list.filter((_, i) => everything || i % every === 0);
    for (const recipe of some(direct.split(" "), 12)) await expectEqual(webgpu, recipe, bf16);
    for (const recipe of some(blocks, 12)) await expectEqual(webgpu, recipe, packed);
  });
});

/** Matrices that are made of what real ones should not be made of. */
const ugly: [string, TestMatrix][] = [
  ["one element", { rows: 1, cols: 1, values: Float32Array.of(-0.3) }],
  [
    "all zeros of both signs",
    { rows: 3, cols: 40, values: Float32Array.from({ length: 120 }, (_, i) => (i % 3 ? 0 : -0)) },
  ],
  [
    "NaN, Inf, subnormals and huge values in rows that no block divides",
    {
      rows: 5,
      cols: 37,
      values: Float32Array.from(
        { length: 185 },
        (_, i) => [Number.NaN, Infinity, -Infinity, 1e-40, -1e-42, 3e38, -0, 0.1, -0.7, 2 ** -149][(i * 7) % 10],
      ),
    },
  ],
  [
    "any bits",
    {
      rows: 4,
      cols: 172,
      values: Float32Array.from({ length: 688 }, (_, i) => floatFromBits(Math.imul(i + 1, 2654435761) >>> 0)),
    },
  ],
];

describe("ugly matrices", () => {
  it.each(ugly)("%s", { timeout: 1_200_000 }, async (_, matrix) => {
    for (const recipe of RECIPES) await expectEqual(wasm, recipe, matrix);
    const few = everything ? RECIPES : ["int4/32", "nvfp4"];
    if (webgpu) for (const recipe of few) await expectEqual(webgpu, recipe, matrix);
  });
});

/** Values beside the middles of small integers, whatever the scale: ties, and their neighbours. */
const halves: fc.Arbitrary<TestMatrix> = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    cols: fc.integer({ min: 1, max: 80 }),
    exponent: fc.integer({ min: -140, max: 120 }),
  })
  .chain(({ rows, cols, exponent }) =>
    fc
      .array(fc.tuple(fc.integer({ min: -14, max: 14 }), fc.integer({ min: -1, max: 1 })), {
        minLength: rows * cols,
        maxLength: rows * cols,
      })
      .map((pairs) => ({
        rows,
        cols,
        values: Float32Array.from(pairs, ([half, off]) => {
          const value = Math.fround((half / 2) * 2 ** exponent);
          return value === 0 ? 0 : floatFromBits(floatBits(value) + off);
        }),
      })),
  );

describe("any recipe over any bits", () => {
  const recipes: fc.Arbitrary<Case> = fc.oneof(casts, scaled, affine);
  const agrees = (backend: Backend, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(recipes, fc.oneof(matrices, halves), async ({ text }, matrix) => {
        await expectEqual(backend, text, matrix);
      }),
      { numRuns: everything ? 20 * numRuns : numRuns },
    );

  it("on wasm", { timeout: 3_600_000 }, () => agrees(wasm, 150));

  it("on the GPU", { timeout: 3_600_000 }, async ({ skip }) => {
    if (!webgpu) return skip(`no WebGPU here: ${whyNot}`);
    await agrees(webgpu, 4);
  });
});
