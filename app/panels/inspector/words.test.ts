import { expect, it } from "vitest";
import type { Inspection } from "../../../kernels/report/report.ts";
import { float32Groups, placeBetween, stateSentence } from "./words.ts";

const ordinary = { state: "ordinary", below: 1, above: 2, quotient: 1.25, tie: false } as Inspection;

it("splits a float32 into sign, exponent and fraction", () => {
  expect(float32Groups("1 01111010 00111110101100101101101")).toEqual({
    sign: "1",
    exponent: "01111010",
    fraction: "00111110101100101101101",
  });
});

it("places the quotient between its neighbours", () => {
  expect(placeBetween(ordinary)).toBe(0.25);
  expect(placeBetween({ ...ordinary, above: 1 })).toBeNull();
  expect(placeBetween({ ...ordinary, quotient: Number.NaN })).toBeNull();
});

it("tells ties, exact quotients and everything out of the ordinary", () => {
  expect(stateSentence(ordinary)).toBe("");
  expect(stateSentence({ ...ordinary, tie: true })).toContain("half-way");
  expect(stateSentence({ ...ordinary, above: 1, quotient: 1 })).toContain("Exact");
  expect(stateSentence({ ...ordinary, state: "flushed" })).toContain("Flushed");
  const chosen = { ...ordinary, above: 1, quotient: 1, code: 3, chosen: { by: "gptq", nearest: 2 } };
  expect(stateSentence(chosen)).toMatch(/^Chosen by gptq, .* code 2\.$/);
  expect(stateSentence({ ...chosen, code: 2 })).toContain("Exact");
});
