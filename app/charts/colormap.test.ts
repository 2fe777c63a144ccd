import { describe, expect, it } from "vitest";
import {
  colorize,
  divergingTable,
  luminance,
  magnitudeScale,
  parseColor,
  place,
  sequentialTable,
  signedScale,
} from "./colormap.ts";

const at = (table: Uint8ClampedArray, i: number) => [table[3 * i], table[3 * i + 1], table[3 * i + 2]] as const;

it("reads the colours of the theme", () => {
  expect(parseColor("#0063a8")).toEqual([0, 99, 168]);
  expect(parseColor("#fff")).toEqual([255, 255, 255]);
  expect(parseColor("rgb(1, 2, 3)")).toEqual([1, 2, 3]);
});

it("grows lighter all along the sequential table", () => {
  const table = sequentialTable();
  for (let i = 8; i < 256; i += 8) expect(luminance(at(table, i))).toBeGreaterThan(luminance(at(table, i - 8)));
});

it("is neutral in the middle of the diverging table and pure at its ends", () => {
  const table = divergingTable([200, 80, 0], [255, 255, 255], [0, 90, 170]);
  expect(at(table, 0)).toEqual([200, 80, 0]);
  expect(at(table, 255)).toEqual([0, 90, 170]);
  for (const c of at(table, 128)) expect(c).toBeGreaterThan(245);
});

describe("place", () => {
  it("is logarithmic where asked, with zero at the bottom", () => {
    const scale = { kind: "log", lo: 1e-4, hi: 1 } as const;
    expect([0, 1e-4, 1e-2, 1, 10].map((v) => place(scale, v))).toEqual([0, 0, 0.5, 1, 1]);
  });
  it("puts zero of a signed scale in the middle", () => {
    expect(place({ kind: "diverging", lo: -3, hi: 3 }, 0)).toBe(0.5);
    expect(place({ kind: "diverging", lo: -3, hi: 3 }, -Infinity)).toBe(0);
  });
});

describe("colorize", () => {
  const table = Uint8ClampedArray.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  it("agrees with place for every kind of scale", () => {
    for (const scale of [
      { kind: "linear", lo: 0, hi: 2 },
      { kind: "log", lo: 0.01, hi: 2 },
      { kind: "diverging", lo: -2, hi: 2 },
    ] as const) {
      const values = Float32Array.of(-1, 0, 0.02, 0.5, 2, 9);
      const pixels = colorize(values, scale, table);
      values.forEach((v, i) => {
        expect(Math.abs(pixels[4 * i] - 255 * place(scale, v))).toBeLessThanOrEqual(0.5001);
        expect(pixels[4 * i + 3]).toBe(255);
      });
    }
  });
  it("leaves NaN transparent and survives infinities", () => {
    const pixels = colorize(
      Float32Array.of(Number.NaN, Infinity, -Infinity),
      { kind: "diverging", lo: -1, hi: 1 },
      table,
    );
    expect([pixels[3], pixels[4], pixels[8]]).toEqual([0, 255, 0]);
  });
});

describe("scales", () => {
  it("do not let a single extreme take all the colours", () => {
    const field = new Float32Array(1000).fill(1);
    field[500] = 1e6;
    expect(magnitudeScale([field], false).hi).toBe(1);
    expect(signedScale([field.map((v) => -v)])).toEqual({ kind: "diverging", lo: -1, hi: 1 });
  });
  it("are sound for an empty and for an exact field", () => {
    for (const log of [true, false]) {
      const scale = magnitudeScale([new Float32Array(4)], log);
      expect(scale.hi).toBeGreaterThan(scale.lo);
    }
    expect(signedScale([])).toEqual({ kind: "diverging", lo: -1, hi: 1 });
  });
});
