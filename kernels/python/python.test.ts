/** Programs run by python3, against the reference. */
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { blockCodecs } from "../ggml/index.ts";
import { gaussian, hostile } from "../ggml/values-for-test.ts";
import { RecipeError } from "../grammar/errors.ts";
import { arbitraryRecipe } from "../notation/arbitrary.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { quantizeText } from "../testing/matrix.ts";
import { pythonOf } from "./index.ts";
import { hasNumpy, type PythonResult, runPython } from "./run-for-test.ts";

const [rows, cols] = [4, 256];

const listed = [
  ...["f32", "e4m3", "e2m1@away", "e5m2(sat=inf)", "e4m3(sat=nan)/32~pct(80)", "e3m2(bias=4,top=nan)@odd/64", "bf16"],
  ...["int4/32", "int4/3x32", "int4/flat(100)", "int4(half)/32:f16", "int4(signmax)/32:f16", "int8(frac=6)@trunc/row"],
  ...[
    "int4(asym)/32:f16",
    "int4(asym,zp=e4m3)/col",
    "int4(asym)/32~pct(99)",
    "int4(asym)/32~mse(grid=9):f16",
    "int4(asym)/32~shrink(grid=9):f16",
  ],
  ...[
    "mxfp4",
    "mxfp4~mx(even)",
    "mxint8",
    "e2m1/32:e8m0@up",
    "nvfp4",
    "int4/128:uint8/row:f16",
    "e4m3/128x128",
    "mxfp8~mx(ceil)",
    "e2m1/100:f16",
    "bipolar3/32",
  ],
  ...["bnb_nf4", "bnb_fp4", "torchao_nvfp4", "torchao_mxfp4", "modelopt_nvfp4"],
  ...[
    "codebook(-1,-0.35,0,0.35,1)/64:e4m3/row",
    "ternary/32~absmean(0.8)",
    "nf4/64~rms(2.5)",
    "int3/32~shrink(p=2.4,grid=9)",
    "int3/32~mse(p=2.4,grid=9)",
    "mxfp4~mse",
    "nvfp4~mse(p=3)",
    "int4(asym)/64~mse(p=0.7):e4m3",
    "int4(signmax)/64~mse:e4m3",
    "nf4/64~mse(p=1):dynamic8(offset=mean)/flat(4)",
    "e2m1/64~mse(grid=12):bf16@sr(seed=2)/row",
    "e2m1@up/64~mse(p=2.4):e8m0",
    "mxfp4~std(2.92247856):e8m0@down",
    "int4/row~std",
    "e2m1/32~quest(round):e8m0",
    "mxfp4~quest(floor)",
    "e2m1/32~quest(round,by=rms):e8m0",
    "nvfp4~expr(amax/6*1.03)",
    "int4/64~expr(sqrt(rms*amax)/qmax-(mean-min)/n*0.01):f16",
    "e2m1/16:e4m3(reach=256)/tensor",
    "e2m1/16~fouroversix:e4m3(reach=256)/tensor",
    "nvfp4~fouroversix(p=1)",
    "int4/32~fouroversix:f16",
    "int4(reach=8)/32",
    "binary8p3se(sat=inf)",
    "binary6p3ue/32:binary8p4uf",
    "dfp16",
    "e2m1/32:dyadic(7)@away/tensor",
  ],
  // Levels so large that adding one to them changes nothing.
  ...["bf16@sr(bits=25)/flat(4)"],
  ...["int4@sr(seed=3)/32", "e2m1@sr(seed=3,bits=8)/32:e4m3@sr(seed=1)/row", "e2m1@coin(seed=9)/32"],
  ...["rht(64,seed=2)+int4/32", "ht(8)+rht(128,seed=1)+q4_0"],
  ...blockCodecs.filter(({ layout }) => layout.pack).map((codec) => codec.name),
  ...[
    "perm+int4/16:f16",
    "perm+rht(16,seed=2)+nf4/32",
    "perm+e5m2fnuz(sat=inf)@coin(seed=0)/32~std",
    "perm+perm+int4@sr(seed=3)/row",
    "outliers(0.02)+int4/32:f16",
    "rht(16,seed=1)+outliers(0.01,values=f32)+e2m1/16",
  ],
  ...[
    "densesparse(0.02,sensitive=0)+int4/32:f16",
    "clamp(0.9)+e2m1/32",
    "clamp(0.95,comp=none)+int4/32",
    "columns(2.5,by=own)+int4/32",
    "perm+columns(1.2,by=own,unit=median,block=16,values=f32)+int4/16",
    "firsttokens(1,every=3)+int4/row",
    "prune(0.4)+int4/32",
    "prune(n=2,m=4,rescale=yes)+bipolar3/32",
  ],
  ...["vq(4,16,seed=3)", "perm+outliers(0.02)+vq(2,32)"],
];

/** Recipes that can be run, without searches that take seconds. */
function generated(count: number): string[] {
  const texts = fc.sample(arbitraryRecipe({ levels: 1 }), 8 * count).flatMap((recipe) => {
    try {
      const { levels, text } = prepareRecipe(recipe, [], rows, cols);
      pythonOf(recipe);
      const slow = levels.some(({ rule: { finding } }) => "grid" in finding && finding.grid > 10);
      return slow || text.includes("offset=mean") ? [] : [printRecipe(recipe)];
    } catch (error) {
      if (error instanceof RecipeError) return [];
      throw error;
    }
  });
  return [...new Set(texts)].filter((text) => !listed.includes(text)).slice(0, count);
}

const sets = { gaussian: gaussian(rows * cols, 3), hostile: hostile(rows * cols, 77) };
sets.hostile.set([Number.NaN, 1, -0, Infinity], 4);
sets.hostile[900] = -Infinity;

const skipped = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";
describe.skipIf(skipped !== "")(`a program gives the reference's numbers${skipped}`, () => {
  const texts = [...listed, ...generated(12)];
  const jobs = texts.flatMap((text) => (["gaussian", "hostile"] as const).map((set) => ({ text, set })));
  let results: PythonResult[];
  beforeAll(() => {
    const programs = jobs.map(({ text, set }) => ({
      program: pythonOf(parseRecipe(text)),
      values: sets[set],
      rows,
      cols,
    }));
    results = runPython(programs);
  }, 120_000);

  it.each(jobs.map((job, i) => [job.text, job.set, i] as const))("%s, %s values", async (text, set, i) => {
    const quantized = await quantizeText(text, sets[set], rows, cols);
    const { result, codes } = await quantized.rows(0, rows);
    const python = results[i];
    expect(python.error).toBeNull();
    expect(python.result).toEqual(result);
    expect(python.codes).toEqual(codes && [...codes]);
    expect(python.scales).toEqual(quantized.scales.map((level) => level.values));
  });
});

test("a program holds only what its recipe needs", () => {
  const linesOf = (text: string) => pythonOf(parseRecipe(text)).split("\n").length;
  expect(pythonOf(parseRecipe("int8/row"))).toContain('"""int8/row\n');
  expect(linesOf("int8/row")).toBeLessThan(50);
  expect(linesOf("mxfp4~mx(even)")).toBeLessThan(80);
  expect(pythonOf(parseRecipe("nvfp4"))).not.toMatch(/def (draw|rotate|search|shared_exponent|two_sum)\(/);
});

test("definitions are written out", () => {
  const definitions = [parseDefinition("my3:=codebook(-1,0,1)")];
  expect(pythonOf(parseRecipe("my3/64", { definitions }), definitions)).toContain("    -1, 0, 1\n");
});

test("what has no program is said", () => {
  expect(() => pythonOf(parseRecipe("given"))).toThrow("given results have no program that makes them");
  for (const rule of ["mse", "shrink"]) {
    expect(() => pythonOf(parseRecipe(`int4/32~${rule}(weights=inputs)`))).toThrow(
      `~${rule}(weights=inputs) is not written as Python: it weighs errors by a calibration, which the program does not have`,
    );
  }
  expect(() => pythonOf(parseRecipe("int4(asym)"))).toThrow("an affine integer needs a block");
});
