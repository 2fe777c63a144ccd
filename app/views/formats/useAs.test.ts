import { describe, expect, it } from "vitest";
import { readFormat } from "./readFormat.ts";
import { recipeWith } from "./useAs.ts";

const as = (text: string, now: string) => recipeWith(readFormat(text).shown!, now, []);

describe("a format as a recipe of the Bench", () => {
  it("takes the place of the elements there", () => {
    expect(as("e3m2(bias=4)", "nvfp4")).toBe("e3m2(bias=4)/16:e4m3/tensor");
    expect(as("nf4", "rht(64,seed=0)+int4/64:f16")).toBe("rht(64,seed=0)+nf4/64:f16");
    expect(as("e2m1@trunc", "int4@away/64")).toBe("e2m1@trunc/64");
    expect(as("e2m3", "mxfp4")).toBe("mxfp6");
  });
  it("gets blocks where there are none, or they do not suit it", () => {
    expect(as("e4m3", "e5m2")).toBe("e4m3/32");
    expect(as("e4m3", "q4_k")).toBe("e4m3/32");
    expect(as("e4m3", "no recipe")).toBe("e4m3/32");
    expect(as("int4(asym)", "mxfp4")).toMatch(/^int4\(asym\)\/32/);
  });
  it("is taken as it is where it brings blocks of its own", () => {
    expect(as("mxfp8", "int4/64:f16")).toBe("mxfp8");
    expect(as("f32", "int4/64")).toBe("f32");
    expect(as("q4_k", "int4/64")).toBe("q4_k");
  });
});
