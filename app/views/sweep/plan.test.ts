import { describe, expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import { expandInPieces, planWords, readGrid } from "./plan.ts";

const never = new AbortController().signal;

describe("a plan", () => {
  it("in pieces is the plan in one", async () => {
    for (const text of [
      "(none,rht(64,seed=0),ht(32))+(none,ht(64))+(int4,nf4,int4(asym),mxfp4)/(none,32,64)~(absmax,mx(floor)):(f16,f32)",
      "int4/64;(int4,int4(narrow))/(64,32);mxfp4;e2m1/32~mx(floor):e8m0",
    ]) {
      const grids = parseSweep(text);
      expect(await expandInPieces(grids, {}, never)).toEqual(expandSweep(grids));
    }
  });

  it("refuses too many before it begins, and stops when it is no longer wanted", async () => {
    const blocks = Array.from({ length: 64 }, (_, i) => i + 1).join();
    const wide = `(int2,int3,int4,int5,int6,int7,int8)/(${blocks}):(f16`;
    const many = parseSweep(`${wide},f32,bf16,e8m0,e4m3,e5m2,ue4m3,ue5m3,uint8,int8)`);
    await expect(expandInPieces(many, {}, never)).rejects.toThrow("makes 4480 recipes");
    await expect(expandInPieces(parseSweep(`${wide},f32)`), {}, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });

  it("says what it comes to", () => {
    const plan = expandSweep(parseSweep("(int4,nf4)/32~(absmax,mx(floor));int4/32;nf4/32"));
    expect(planWords(plan, 1)).toBe("3 recipes; 2 combinations mean the same as another; 1 combination makes no sense");
    expect(planWords(plan, 12)).toMatch(/^3 recipes × 12 tensors = 36 points;/);
  });

  it("is not there for a text with a mistake, which has its column", () => {
    expect(readGrid("int4/(16,x)", [])).toEqual({
      grids: null,
      mistake: { message: expect.stringContaining('"x" is no block'), column: 10 },
    });
  });
});
