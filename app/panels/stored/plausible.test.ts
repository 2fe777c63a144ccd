import { expect, test } from "vitest";
import type { Plausibility } from "../../../workers/layouts/stored-figures.ts";
import { favoured } from "./plausible.ts";

const option = (id: string, some: Partial<Plausibility> = {}): Plausibility => ({
  ...{ reading: "scale", option: id, mean: 0, std: 1, kurtosis: 3, blockSpread: 0.3, neighbours: 0, nonFinite: 0 },
  ...some,
});

test("even blocks, Gaussian tails and neighbours alike speak for an option", () => {
  expect(favoured([option("multiply"), option("divide", { blockSpread: 0.9 })])).toBe("multiply");
  expect(favoured([option("v1", { kurtosis: 12 }), option("v2")])).toBe("v2");
  expect(favoured([option("low"), option("high", { neighbours: 0.4 })])).toBe("high");
});

test("a zero point that is off moves the mean", () => {
  expect(favoured([option("v1", { blockSpread: 0.35 }), option("v2", { mean: 0.3 })])).toBe("v1");
});

test("a spread that no layer has speaks against an option", () => {
  expect(favoured([option("divide", { std: 4e6 }), option("multiply", { std: 0.05 })])).toBe("multiply");
  expect(favoured([option("divide", { std: 2 }), option("multiply", { std: 0.05 })])).toBeNull();
});

test("what is not finite is ruled out, and chance says nothing", () => {
  expect(favoured([option("multiply", { nonFinite: 1 }), option("divide", { kurtosis: 99 })])).toBe("divide");
  expect(favoured([option("low", { neighbours: 0.001 }), option("high")])).toBeNull();
  expect(favoured([option("a", { nonFinite: 1 }), option("b", { nonFinite: 2 })])).toBeNull();
  expect(favoured([option("only")])).toBeNull();
});
