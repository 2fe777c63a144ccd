import { describe, expect, it } from "vitest";
import type { Calibration } from "../../kernels/calibration/index.ts";
import { openSynthetic } from "./open.ts";
import { parseSynthetic, syntheticText } from "./synthetic.ts";

const control = { signal: new AbortController().signal, progress: () => {} };
const made = (text: string, cols: number): Promise<Calibration> =>
  openSynthetic(parseSynthetic(text)).of({ name: "w", cols }, control);

/** Correlation of two channels, by the Gram matrix. */
const correlation = ({ gram }: Calibration, i: number, j: number): number => {
  const { values: v, cols: n } = gram!;
  return v[i * n + j] / Math.sqrt(v[i * n + i] * v[j * n + j]);
};

describe("synthetic activations", () => {
  it("go by a text that makes them again", async () => {
    expect(syntheticText(parseSynthetic("white"))).toBe("white(tokens=2048,seed=1)");
    expect(syntheticText(parseSynthetic("heavy( seed = 7 , tokens=9)"))).toBe("heavy(tokens=9,seed=7)");
    const [one, same, other] = [
      await made("white(tokens=64)", 8),
      await made("white(tokens=64)", 8),
      await made("white(tokens=64,seed=2)", 8),
    ];
    expect(one).toEqual(same);
    expect(one.source).toMatchObject({ kind: "synthetic", name: "white(tokens=64,seed=1)" });
    expect(one.source.digest).not.toBe(other.source.digest);
  });

  it("are what they are called", async () => {
    const near = (value: number, wanted: number, by: number) => expect(Math.abs(value - wanted)).toBeLessThan(by);
    const white = await made("white(tokens=4000)", 32);
    for (let i = 1; i < 32; i++) near(correlation(white, i - 1, i), 0, 5 / Math.sqrt(4000));
    white.meanSquare!.forEach((square) => void near(square, 1, 5 * Math.sqrt(2 / 4000)));
    const correlated = await made("correlated(tokens=4000)", 32);
    for (let i = 1; i < 32; i++) near(correlation(correlated, i - 1, i), 0.9, 0.02);
    near(correlation(correlated, 10, 12), 0.81, 0.04);
    correlated.meanSquare!.forEach((square) => void near(square, 1, 0.15));
    const outliers = await made("outliers(tokens=500)", 200);
    expect([...outliers.meanSquare!].filter((square) => square > 100)).toHaveLength(2);
    const heavy = await made("heavy(tokens=4000)", 8);
    // Of a Gaussian the largest of 4000 is below 5 standard deviations; Student's t with 3 degrees goes far beyond.
    expect(Math.max(...heavy.max!)).toBeGreaterThan(15);
  });

  it.each([
    ["pink", /There are no synthetic activations "pink"\. There are white, correlated, outliers, heavy/],
    ["white(tokens=0)", /tokens must be a whole number from 1 to 65536, not 0/],
    ["white(rows=4)", /white: "rows=4" is no parameter/],
    ["white(seed=4294967296)", /seed must be a whole number/],
  ])("%s is told what is wrong", (text, message) => {
    expect(() => parseSynthetic(text)).toThrow(message);
  });
});
