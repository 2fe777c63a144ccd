import { describe, expect, it } from "vitest";
import type { WindowResult, WindowSide } from "../request.ts";
import { baseRows, lossRows } from "./distribution.ts";
import { CHANGE_PLACES, figuresOf } from "./index.ts";
import { compareRows, emptySide } from "./rows.ts";

/** Numbers between -1 and 1 that look drawn. */
const noise = (i: number) => Math.sin(12.9898 * i + 1) * Math.cos(78.233 * i);

const VOCABULARY = 7;
const logitsOf = (seed: number, rows: number) =>
  Float32Array.from({ length: rows * VOCABULARY }, (_, i) => 3 * noise(i + 1000 * seed));

/** Softmax by its definition. */
function softmax(row: Float32Array): number[] {
  const e = Array.from(row, (x) => Math.exp(x));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
}

function windowOf(index: number, rows: number, change: number): WindowResult {
  const targets = Uint32Array.from({ length: rows }, (_, i) => (3 * i + index) % VOCABULARY);
  const base = baseRows(logitsOf(index, rows), VOCABULARY);
  const side = (by: number): WindowSide => {
    const into = emptySide(rows);
    const other = base.logits.map((x, i) => Math.fround(x + by * noise(7 * i + index)));
    compareRows(base, other, targets, VOCABULARY, into, 0);
    return into;
  };
  const nll = lossRows(base, targets, VOCABULARY);
  const pieces = Array.from(targets, String);
  const known = { nll, choices: base.choices, chosen: new Map() };
  return { index, first: 1 + index * rows, targets, pieces, ...known, a: side(change), b: side(2 * change) };
}
const windows = Array.from({ length: 6 }, (_, w) => windowOf(w, 40, 0.3));

describe("rows of logits", () => {
  it("give loss, divergence, first choice and change of the right token's probability by their definitions", () => {
    const [rows, targets] = [5, Uint32Array.of(0, 1, 2, 6, 3)];
    const [l, m] = [logitsOf(1, rows), logitsOf(2, rows)];
    const into = emptySide(rows);
    compareRows(baseRows(l, VOCABULARY), m, targets, VOCABULARY, into, 0);
    for (let r = 0; r < rows; r++) {
      const row = (x: Float32Array) => softmax(x.subarray(r * VOCABULARY, (r + 1) * VOCABULARY));
      const [p, q] = [row(l), row(m)];
      expect(into.nll[r]).toBeCloseTo(-Math.log(q[targets[r]]), 12);
      expect(into.kl[r]).toBeCloseTo(
        p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]), 0),
        12,
      );
      expect(into.same[r]).toBe(p.indexOf(Math.max(...p)) === q.indexOf(Math.max(...q)) ? 1 : 0);
      expect(into.change[r]).toBeCloseTo(q[targets[r]] - p[targets[r]], 12);
      expect(into.choices.tokens[r]).toBe(q.indexOf(Math.max(...q)));
      expect(into.choices.p[r]).toBeCloseTo(Math.max(...q), 12);
    }
  });

  it("of the same logits differ by nothing, and logits as large as they get lose nothing", () => {
    const l = logitsOf(1, 4).map((x) => 1e4 * x);
    const into = emptySide(4);
    compareRows(baseRows(l, VOCABULARY), l.slice(), Uint32Array.of(0, 1, 2, 3), VOCABULARY, into, 0);
    expect([...into.kl, ...into.change]).toEqual(Array(8).fill(0));
    expect([...into.same]).toEqual([1, 1, 1, 1]);
    expect([...into.nll].every(Number.isFinite)).toBe(true);
  });

  it("see a divergence of 1e-9 as that", () => {
    const l = logitsOf(3, 1);
    const other = l.slice();
    other[0] += 1e-4;
    const into = emptySide(1);
    compareRows(baseRows(l, VOCABULARY), other, Uint32Array.of(0), VOCABULARY, into, 0);
    const [p] = softmax(l);
    // Second order: p (1 - p) d^2 / 2.
    const d = other[0] - l[0];
    expect(into.kl[0] / ((p * (1 - p) * d * d) / 2)).toBeCloseTo(1, 3);
  });
});

describe("figures", () => {
  const figures = figuresOf(windows, { seed: 1 });
  const flat = (of: (w: WindowResult) => ArrayLike<number>) => windows.flatMap((w) => Array.from(of(w)));
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const deviation = (list: number[]) =>
    Math.sqrt(list.reduce((sum, x) => sum + (x - mean(list)) ** 2, 0) / (list.length - 1));

  it("are means over predictions, with the standard error of windows", () => {
    const { base, a } = figures;
    expect(figures).toMatchObject({ windows: 6, predictions: 240 });
    expect(base.nll.value).toBeCloseTo(mean(flat((w) => w.nll)), 12);
    const means = windows.map((w) => mean(Array.from(w.nll)));
    expect(base.nll.stderr).toBeCloseTo(deviation(means) / Math.sqrt(6), 12);
    expect(base.perplexity.value).toBeCloseTo(Math.exp(base.nll.value!), 12);
    expect(base.perplexity.stderr).toBeCloseTo(base.perplexity.value! * base.nll.stderr!, 12);
    expect(a!.kl.value).toBeCloseTo(mean(flat((w) => w.a!.kl)), 12);
    expect(a!.topOne.value).toBeCloseTo(mean(flat((w) => w.a!.same)), 12);
    expect(a!.nllChange.value).toBeCloseTo(a!.nll.value! - base.nll.value!, 12);
    expect(a!.change.rms.value).toBeCloseTo(Math.sqrt(mean(flat((w) => w.a!.change).map((x) => x * x))), 12);
  });

  it("have percentiles over predictions, between neighbours in proportion, with errors by resampled windows", () => {
    const sorted = flat((w) => w.a!.kl).sort((x, y) => x - y);
    const at = (p: number) => {
      const place = p * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
      return low + (place - Math.floor(place)) * (high - low);
    };
    const { klMedian, klP99, klMax, change } = figures.a!;
    expect(klMedian.value).toBeCloseTo(at(0.5), 12);
    expect(klP99.value).toBeCloseTo(at(0.99), 12);
    expect(klMax).toEqual({ value: sorted[239], stderr: null });
    expect(change.places.map(({ p }) => p)).toEqual(CHANGE_PLACES);
    const values = change.places.map(({ value }) => value.value!);
    expect(values).toEqual(values.toSorted((x, y) => y - x));
    // The error of a median: about 1.25 deviations over the root of the number, where windows are alike.
    const rough = (1.25 * deviation(sorted)) / Math.sqrt(240);
    expect(klMedian.stderr! / rough).toBeGreaterThan(0.2);
    expect(klMedian.stderr! / rough).toBeLessThan(2);
    expect(figuresOf(windows, { seed: 1 })).toEqual(figures);
    expect(figuresOf(windows, { seed: 2 }).a!.klP99.stderr).not.toBe(klP99.stderr);
  });

  it("have the same values without resampling, and percentiles no errors then", () => {
    const quick = figuresOf(windows, { resampled: false });
    const { klP99, kl, change } = quick.a!;
    expect(klP99).toEqual({ value: figures.a!.klP99.value, stderr: null });
    expect(kl).toEqual(figures.a!.kl);
    expect(change.places.map(({ value }) => value.value)).toEqual(
      figures.a!.change.places.map(({ value }) => value.value),
    );
    expect(figuresOf([], { resampled: false }).a).toBeNull();
  });

  it("of A against B are differences by window: closer than errors of each would tell", () => {
    const { a, b, difference } = figures;
    expect(difference!.kl.value).toBeCloseTo(a!.kl.value! - b!.kl.value!, 12);
    expect(difference!.nll.value).toBeCloseTo(a!.nll.value! - b!.nll.value!, 12);
    expect(difference!.nll.stderr!).toBeLessThan(Math.hypot(a!.nll.stderr!, b!.nll.stderr!) / 2);
  });

  it("do not depend on the order of windows, and one window has no errors", () => {
    expect(figuresOf(windows.toReversed(), { seed: 1 })).toEqual(figures);
    const { a, base } = figuresOf(windows.slice(0, 1));
    expect([base.nll.stderr, a!.kl.stderr, a!.klP99.stderr]).toEqual([null, null, null]);
    expect(figuresOf([])).toMatchObject({ windows: 0, predictions: 0, base: { nll: { value: null } }, a: null });
  });

  it("weigh windows by their predictions", () => {
    const uneven = [windowOf(0, 40, 0.3), windowOf(1, 8, 0.3), windowOf(2, 8, 0.3)];
    const all = uneven.flatMap((w) => Array.from(w.nll));
    expect(figuresOf(uneven).base.nll.value).toBeCloseTo(mean(all), 12);
  });

  it("are not there where logits are not finite: those are counted, and no mean hides them", () => {
    const bad = windowOf(1, 40, 0.3);
    bad.a!.kl[3] = bad.a!.nll[3] = Number.NaN;
    const { a, b, difference } = figuresOf([windows[0], bad]);
    expect(a).toMatchObject({
      broken: 1,
      kl: { value: null },
      nll: { value: null },
      topOne: { value: null },
      none: null,
    });
    expect(a!.change.places.every(({ value }) => value.value === null)).toBe(true);
    expect(b!.kl.value).not.toBeNull();
    expect(difference!.kl.value).toBeNull();
  });

  it("call a divergence none that another order of sums would give, too", () => {
    const of = (kl: number) => figuresOf(windows, { noise: { kl, windows: 2 } }).a!.none;
    expect([of(1e-9), of(10), figures.a!.none]).toEqual([false, true, null]);
  });
});
