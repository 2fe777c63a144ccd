import { expect, it } from "vitest";
import { parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { recipeWords } from "./recipeWords.ts";

const words = (text: string) => recipeWords(parseRecipe(text), {});

it("a recipe is told in plain words", () => {
  expect(words("nvfp4")).toBe("NVFP4: E2M1 in blocks of 16, E4M3 scales, one float32 a tensor");
  expect(words("e2m1/32~mx(floor):e8m0")).toMatch(
    /^OCP MXFP4: E2M1 in blocks of 32 with E8M0 scales\. Values of up to twice/,
  );
  expect(words("int4/64:f16")).toBe("4-bit integer; blocks of 64 along the row; float16 scales");
  expect(words("e4m3")).toBe("OCP FP8 E4M3: max 448, one NaN, no Inf");
  expect(words("int4/128:uint8/row:f16")).toBe(
    "4-bit integer; blocks of 128 along the row; UINT8 scales, which have one block a row and float16 scales in turn",
  );
  expect(words("rht(64,seed=0)+nf4@away/col~pct(99.9)")).toBe(
    "block Hadamard rotation with random signs (64 values at a time, seed 0); NormalFloat 4: quantiles of a Gaussian (QLoRA); " +
      "one block a column; float32 scales; scale: percentile of the magnitudes, nearest rank (99.9); " +
      "rounded nearest, ties away from zero. In use, rht costs log2 of its size additions an input value, unless the layer before is rotated alike",
  );
});

it("what a name is given is told with it", () => {
  expect(words("int4(asym)/128")).toMatch(/^4-bit integer \(affine with a zero point\); blocks of 128/);
  expect(words("int4(asym,zp=(int8/row))/64")).toMatch(/^4-bit integer \(affine with a zero point, zp int8\/row\);/);
  expect(words("codebook(-1,0,0.5,1)/32")).toMatch(/^levels of one's own \(4 of them\);/);
  expect(words("given(2)")).toMatch(/ \(2\)$/);
  expect(words("mxfp4~mx(even)")).toMatch(/\(OCP MX\) \(even\)\. Values/);
  expect(words("int4@sr(seed=3)/64")).toMatch(/ random bits \(seed 3\)$/);
  expect(words("e3m4/32")).toMatch(/^float, 3 exponent and 4 mantissa bits;/);
});

it("an alias that is printed as such has words of its own", () => {
  for (const { name, describe } of vocabulary.aliases)
    if (printRecipe(parseRecipe(name)) === name) expect(words(name).startsWith(describe)).toBe(true);
});

it("what words leave open is said after them", () => {
  expect(words("e2m1/16:ue4m3")).toMatch(
    /; UE4M3 scales\. A scale in UE4M3 is counted at 7 bits; NVFP4 stores it in 8/,
  );
  expect(words("e2m1/16:e4m3")).not.toContain("7 bits");
  expect(words("int4/64~rms(2.9)")).toContain("It is not the standard deviation".slice(3));
  expect(words("int4(half)/64")).toContain("saturates by design");
  expect(words("int4/64")).not.toContain("saturates");
  expect(words("mxfp4")).toContain("saturate by design");
  expect(words("e2m1/32:e8m0@up")).toMatch(/; power-of-two scales, rounded up \(rceil\)$/);
  expect(words("e2m1/16:e4m3(least=0.25)/tensor")).toContain(
    "E4M3 scales, at least 0.25, which have one block a tensor",
  );
  expect(words("ternary/64")).toContain("3 levels are counted at 2 bits each");
  expect(words("codebook(-1,-0.5,0,0.5,1)/64")).toContain("5 levels are counted at 3 bits each");
  expect(words("nf4/64")).not.toContain("counted");
  expect(words("uint4/64")).toContain("What is below 0 goes to 0");
  expect(words("int4(asym)/64")).not.toContain("below");
  expect(words("bipolar2/64")).toContain("No level is zero");
});

it("a library's preset says where it is not that library", () => {
  for (const { name, describe, exact, differs } of vocabulary.aliases) {
    if (exact) expect(differs, name).toBeTruthy();
    if (differs)
      expect(
        words(name)
          .slice(describe.length + 2, describe.length + 20)
          .toLowerCase(),
      ).toBe(differs.slice(0, 18).toLowerCase());
  }
});
