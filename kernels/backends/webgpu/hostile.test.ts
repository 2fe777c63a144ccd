import { beforeAll, describe, expect, it } from "vitest";
import { dawnDevice } from "../../testing/dawn.ts";
import { differenceFromReference } from "../compare.ts";
import { nearTies, plainValues, subnormalValues } from "../hostile-values.ts";
import { createWebgpuBackend } from "./backend.ts";
import { selfCheck } from "./self-check.ts";
import { type Shaders, shaders } from "./wgsl/kernels.ts";
import { sumsWgsl } from "./wgsl/sums.ts";

/**
 * SwiftShader's arithmetic is better than WGSL asks for, so that being right on it proves little. Two things prove more:
 * the shaders' only float operation may be replaced by any bad one, and a shader that decides by floats is caught.
 */

let device: GPUDevice;
const onDevice = () =>
  beforeAll(async () => {
    device = await dawnDevice();
  }, 120_000);

/** The fused kernels, slow to compile, leave rows of odd lengths to those tested here; they have tests of their own. */
const [ROWS, COLS] = [24, 95];
const recipes = ["int4/32", "e2m1@sr(seed=1)/16:e4m3/tensor", "nf4/64", "e3m10/row", "int8(asym)@away/row"];

/** The first difference over a few recipes and hostile values. */
async function firstDifference(text: Shaders, tolerance?: number): Promise<string | null> {
  const backend = await createWebgpuBackend(device, { shaders: text, lean: false });
  for (const recipe of recipes) {
    for (const make of [plainValues, subnormalValues]) {
      const values = nearTies(recipe, make(ROWS * COLS), ROWS, COLS);
      const found = await differenceFromReference(backend, { recipe, values, rows: ROWS, cols: COLS, tolerance });
      if (found) return found;
    }
  }
  return null;
}

/** Every shader with a text replaced; at least one must hold it. */
function replaced(what: string, by: string): Shaders {
  const entries = Object.entries(shaders).map(([name, text]) => [name, text.replaceAll(what, by)]);
  expect(entries.some(([name, text]) => text !== shaders[name as keyof Shaders])).toBe(true);
  return Object.fromEntries(entries) as Shaders;
}

const sum = (body: string) => replaced(sumsWgsl, `fn float_sum(a: f32, b: f32) -> f32 { ${body} }`);
const neighbour = (step: string) =>
  `var s = a + b; if (s != 0.0) { s = bitcast<f32>(bitcast<u32>(s) ${step} 1u); } return s;`;

describe("float arithmetic", () => {
  onDevice();

  it("does not occur where codes and extremes are decided, and elsewhere in one function alone", () => {
    const code = (text: string) => text.replaceAll(/\/\/.*/g, "");
    expect(code(shaders.encode)).not.toMatch(/f32|f16/);
    expect(code(shaders.statistics)).not.toMatch(/f32|f16/);
    for (const name of ["measure", "profile"] as const) {
      const rest = code(shaders[name]).replace(sumsWgsl, "");
      // Types, conversions of bits and sums: no other use of floats.
      const used = rest.replaceAll(/array<vec4<f32>[^>]*>|bitcast<(vec4<)?f32>?>|vec4<f32>|: f32/g, "");
      expect(used).not.toMatch(/f32|f16|\b(fma|mix|dot|sqrt|floor|round|exp2?|log2?|pow|ldexp|frexp)\(/);
    }
  });

  it.each([
    ["rounds sums to the neighbour above", neighbour("+")],
    ["rounds sums to the neighbour below", neighbour("-")],
    [
      "flushes subnormals",
      `let least = 1.1754944e-38; return select(a, 0.0, abs(a) < least) + select(b, 0.0, abs(b) < least);`,
    ],
    ["adds with the error of a division by two ulp", "return (a * 3.0 + b * 3.0) / 3.0000005;"],
  ])("may be one that %s: all that is decided and counted stays", async (_, body) => {
    expect(await firstDifference(sum(body), 1e-5)).toBeNull();
  });
});

describe("a shader is caught that", () => {
  onDevice();

  it.each([
    ["forgets what a division leaves over", "next, remainder != 0u)", "next, false)"],
    [
      "divides with an error of two ulp",
      "return Quotient(negative, exponent, top,",
      "return Quotient(negative, exponent, top + 512u,",
    ],
    [
      "decides by a correctly rounded float quotient",
      "return Quotient(negative, exponent, top, next, remainder != 0u);",
      "let f = unpack(bitcast<u32>(bitcast<f32>(x) / bitcast<f32>(s))); return Quotient(negative, f.exponent, f.significand << 8u, 0u, false);",
    ],
    [
      "flushes subnormal inputs",
      "if (field == 0u) { return parts_of_integer(negative, fraction, -149); }",
      "if (field == 0u) { return Parts(negative, 0, 0u); }",
    ],
    ["truncates products", "select(0u, 1u, up)", "0u"],
    ["draws other random bits", "v.x + v.y;", "v.x + v.y + 1u;"],
    ["forgets the sign of a tie", "if (q_negative != t_negative)", "if (false)"],
  ])("%s", async (_, what, by) => {
    expect(await firstDifference(replaced(what, by))).not.toBeNull();
  });

  it("divides inexactly, by the self-check at start-up, which says where", async () => {
    const wrong = replaced("exponent, top, next, ", "exponent, top + 512u, next, ");
    const check = await selfCheck(await createWebgpuBackend(device, { shaders: wrong, lean: false }));
    expect(check.ok).toBe(false);
    expect(check.first).toMatch(/^\S+ on 19x76: element \d+ \(.+\) gives code \d+, result .+ instead of code \d+/);
  });
});
