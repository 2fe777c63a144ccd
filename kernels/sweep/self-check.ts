import { nearTies, plainValues, specialValues } from "../backends/hostile-values.ts";
import type { SelfCheck } from "../backends/webgpu/self-check.ts";
import { parseRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { sweepDifference } from "./compare.ts";
import type { MatrixSweep } from "./index.ts";

/** Every kind of element, block and scale that the kernels take. */
const RECIPES = [
  "int4/16",
  "int8/32:f16",
  "int2/col:e4m3",
  "int8(frac=3)/row",
  "int4/128:e4m3/tensor",
  "int4(asym)/32",
  "int4(asym)/16:f16",
  "int8(asym)/16:f16",
  "int4(half)/64:bf16",
  "e2m1/16:e4m3",
  "e4m3/row",
  "e3m2/32:e8m0@up",
  "e2m3/8x32",
  "e5m2",
  "nvfp4",
  "mxfp4",
  "mxint8",
  "mxfp8~mx(even)",
  "nf4/64",
  "af4/col:f16",
  "codebook(-1,-0.35,0,0.35,1)/tensor:e4m3",
];
const [ROWS, COLS] = [37, 200];

/** A matrix of values in memory. */
const matrixOf = (values: Float32Array) => ({
  ...{
    name: "self-check",
    shape: [ROWS, COLS],
    view: { split: 1, transpose: false },
    rows: ROWS,
    cols: COLS,
    notes: [],
  },
  read: async (from: number, to: number) => values.subarray(from * COLS, to * COLS),
});

/** Values with eight bits of significand, among which scales of few bits make many ties. */
const short = (values: Float32Array) =>
  new Float32Array(new Uint32Array(values.slice().buffer).map((bits) => bits & 0xffff0000).buffer);

/** Maxima that ask for scales midway between stored ones, were their divisor not rounded: 448 k / 256 / 1.75 is k. */
const nearScales = Float32Array.from({ length: ROWS * COLS }, (_, i) => (i % 64 === 0 ? 1.75 : (i % 64) / 256));
/** Ends whose distance over 15 is a little more than the middle of 1 and its successor in float16. */
const nearEnds = Float32Array.from(
  { length: ROWS * COLS },
  (_, i) => [15 * (1 + 2 ** -11), -(2 ** -28), 1.25, 3][i % 4],
);

/** Compares sweeps of a backend that declines no small tensors with the reference on values with ties, values next to them, NaN, Inf and subnormals. */
export async function sweepSelfCheck(backend: MatrixSweep): Promise<SelfCheck> {
  const plans = RECIPES.map((text) => prepareRecipe(parseRecipe(text), [], ROWS, COLS));
  const count = ROWS * COLS;
  let cases = 0;
  const data = [
    plainValues(count),
    short(plainValues(count)),
    specialValues(count),
    nearTies("int4/16", plainValues(count), ROWS, COLS),
    nearTies("e4m3/row", plainValues(count), ROWS, COLS),
    nearScales,
    nearEnds,
  ];
  for (const values of data) {
    const first = await sweepDifference(backend, matrixOf(values), plans);
    if (first) return { ok: false, cases, first };
    cases += count * plans.length;
  }
  return { ok: true, cases };
}
