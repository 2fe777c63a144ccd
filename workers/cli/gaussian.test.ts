/** Mean squared errors on N(0,1) against figures made by another program, through the command on a sample of our own. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Metrics } from "../../kernels/measure/report.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { quantize } from "./quantize.ts";

const path = sharedFile("golden/mse_normal.json");
interface Golden {
  n: number;
  /** Of the sample that the figures were made on. */
  var: number;
  formats: Record<string, { mse: number; se: number }>;
}
const golden: Golden = path ? JSON.parse(readFileSync(path, "utf8")) : { n: 1, var: 1, formats: {} };

const [ROWS, COLS] = [128, 4096];

const mx = (elements: string, block: string): string[][] =>
  ["floor", "even", "rceil", "ceil"].map((rule) => [
    `${elements} bs32 ${rule} RNE`,
    rule === "rceil" ? `${block}/32:e8m0@up` : `${block}/32~mx(${rule}):e8m0`,
  ]);
const blocks = (name: (n: number) => string, recipe: string, sizes: number[]) =>
  sizes.map((n) => [name(n), `${recipe}/${n}`]);
const integers = [2, 3, 4, 8].flatMap((bits) =>
  [
    ["sym", " qmax", "full"],
    ["sym", " narrow", "narrow"],
    ["sym", " half", "half"],
    ["sym", " signedmax", "signmax"],
    ["asym", "", "asym"],
  ].flatMap(([kind, name, range]) =>
    blocks((n) => `INT${bits} ${kind} bs${n}${name}`, `int${bits}(${range})`, [32, 64, 128]),
  ),
);

/** Name in the figures, recipe in the notation. */
const covered: string[][] = [
  ...mx("MXFP4_E2M1", "e2m1"),
  ...mx("MXFP6_E2M3", "e2m3"),
  ...mx("MXFP6_E3M2", "e3m2"),
  ...mx("MXFP8_E4M3", "e4m3"),
  ...mx("MXFP8_E5M2", "e5m2"),
  ["MXFP4_E2M1 bs32 floor, ties-to-zero(ggml)", "mxfp4@inward"],
  ["MXINT8 bs32 floor", "mxint8"],
  ["MXINT4 bs32 floor", "int4(frac=2)/32~mx(floor):e8m0"],
  ["NVFP4 bs16 two-level(amax/2688) e4m3 scale", "nvfp4"],
  ["NVFP4 bs16 two-level, clamp>=2^-6 (torchao)", "torchao_nvfp4"],
  ["NVFP4 bs16 single-level (no tensor scale)", "e2m1/16:e4m3"],
  ["NVFP4 bs16 single-level clamp>=2^-6(torchao)", "e2m1/16:e4m3(least=0.015625)"],
  ["FP4 E2M1 bs16 fp32 scale", "e2m1/16"],
  ["FP4 E2M1 bs32 fp32 scale", "e2m1/32"],
  ...blocks((n) => `NF4 bs${n} fp32 absmax`, "nf4", [32, 64, 128, 256, 512, 1024, 4096]),
  ...blocks((n) => `bnb-FP4 bs${n}`, "bnbfp4", [32, 64, 128]),
  ["AF4 bs64", "af4/64"],
  ...integers,
  ["FP8 E4M3 per-tensor amax/448", "e4m3/tensor"],
  ["FP8 E5M2 per-tensor amax/57344", "e5m2/tensor"],
  ["FP8 E4M3 scale 1.0 (direct cast)", "e4m3"],
  ["FP8 E5M2 direct cast", "e5m2"],
  ["E3M2 direct cast", "e3m2"],
  ["E2M3 direct cast", "e2m3"],
  ["E2M1 direct cast", "e2m1"],
  ["FP8 E4M3 bs128 amax/448", "e4m3/128"],
];

describe.skipIf(!path)(`errors on a Gaussian${path ? "" : " (skipped: the shared data is absent)"}`, () => {
  const written = vi.spyOn(process.stdout, "write");
  afterAll(() => written.mockRestore());

  it.each(covered)("%s is %s", async (name, recipe) => {
    let out = "";
    written.mockImplementation((text) => {
      out += text;
      return true;
    });
    await quantize([`gen:normal(rows=${ROWS},cols=${COLS},seed=7)`, "--recipe", recipe, "--json"]);
    const { metrics } = JSON.parse(out) as { metrics: Metrics };
    const { mse, se } = golden.formats[name];
    // Errors over squares, so that either sample's variance divides out; their errors grow as samples shrink.
    const combined = (se / golden.var) * Math.sqrt(1 + golden.n / (ROWS * COLS));
    expect(Math.abs(metrics.nmse! - mse / golden.var) / combined).toBeLessThan(4);
  });
});
