import { expect, it } from "vitest";
import { shortExtent } from "./axes.ts";
import { zoomed } from "./useFrontierGestures.ts";

it("an extent is written in few digits, but never as nothing", () => {
  const y = { lo: 0.001234567, hi: 0.1 };
  expect(shortExtent({ x: { lo: 4, hi: 5.1234567 }, y })).toEqual({
    x: { lo: 4, hi: 5.1235 },
    y: { ...y, lo: 0.0012346 },
  });
  const narrow = { lo: 16.000001, hi: 16.000002 };
  expect(shortExtent({ x: narrow, y }).x).toEqual(narrow);
});

it("what is brushed is no narrower than what the keys zoom to", () => {
  const whole = { x: { lo: 2, hi: 9 }, y: { lo: 1e-5, hi: 1 } };
  const brushed = { x: { lo: 4.00001, hi: 4.00002 }, y: { lo: 0.01, hi: 0.01000001 } };
  const { x, y } = zoomed(brushed, whole, 1, "nmse")!;
  expect(x.hi - x.lo).toBeCloseTo(0.01);
  expect(Math.log10(y.hi / y.lo)).toBeCloseTo(5e-4);
  const usual = { x: { lo: 4, hi: 5 }, y: { lo: 0.01, hi: 0.1 } };
  expect(zoomed(usual, whole, 1, "nmse")!.x).toEqual(usual.x);
});
