/** Signals of values and of what is known of inputs: by hand, against brute force, and on tensors that have nothing to say. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dense } from "../linalg/index.ts";
import { calibrationOf } from "../steps/solving/recipes-for-test.ts";
import { normalValues } from "../testing/matrix.ts";
import { type ModelTotals, type SignalRows, signalNamed, signals } from "./index.ts";
import { similarity } from "./outputSsim/similarity.ts";

const cols = 6;
const tokens = 20;
const inputs = normalValues(tokens * cols, 3);
const meanSquare = Float64Array.from({ length: cols }, (_, c) => {
  let sum = 0;
  for (let t = 0; t < tokens; t++) sum += inputs[t * cols + c] ** 2;
  return sum / tokens;
});
const calibration = { ...calibrationOf(inputs, cols), meanSquare };
const gradients = dense(4, 4, Float64Array.from([4, 1, 0, 0, 1, 9, 0, 0, 0, 0, 16, 0, 0, 0, 0, 25]));

const values = normalValues(4 * cols, 1);
const results = values.map((x) => Math.round(x));
const rowsOf = (given: Partial<SignalRows> = {}): SignalRows => ({
  ...{ row0: 0, rows: 4, cols, values, results, calibration: { ...calibration, output: gradients } },
  ...given,
});

/** The value of a signal on rows, as whoever scores a model takes it. */
async function scoreOf(name: string, rows: SignalRows, model?: ModelTotals): Promise<number | null> {
  const work = await signalNamed(name)!.work!();
  if (work.of !== "rows") return work.value(rows);
  const { error, signal, broken } = await work.terms(rows);
  expect(broken).toBe(0);
  const sum = (of: Float64Array) => of.reduce((total, x) => total + x, 0);
  const totals = { error: sum(error), signal: sum(signal), elements: rows.values.length };
  return work.value(totals, model ?? totals);
}

/** Squared errors and squares of outputs a token, by running every token. */
function outputsByHand(weigh: (row: number) => number = () => 1) {
  let [error, signal] = [0, 0];
  for (let t = 0; t < tokens; t++) {
    for (let r = 0; r < 4; r++) {
      let [y, e] = [0, 0];
      for (let c = 0; c < cols; c++) {
        y += inputs[t * cols + c] * values[r * cols + c];
        e += inputs[t * cols + c] * (values[r * cols + c] - results[r * cols + c]);
      }
      error += (weigh(r) * e * e) / tokens;
      signal += (weigh(r) * y * y) / tokens;
    }
  }
  return { error, signal };
}

const squares = (of: ArrayLike<number>, weight: (i: number) => number = () => 1) =>
  Array.from(of).reduce((sum, x, i) => sum + weight(i) * x * x, 0);
const errors = values.map((x, i) => x - results[i]);

describe("a signal of values", () => {
  it.each([
    ["nmse", squares(errors) / squares(values)],
    ["weighted", (squares(errors) / squares(values)) * (24 / 240)],
    ["modelNmse", squares(errors) / 500],
    ["imatrix", squares(errors, (i) => meanSquare[i % cols])],
    [
      "imatrixGgml",
      squares(errors, (i) => {
        const row = values.subarray(Math.floor(i / cols) * cols, (Math.floor(i / cols) + 1) * cols);
        return meanSquare[i % cols] * Math.sqrt(squares(row) / cols + values[i] ** 2);
      }),
    ],
    ["outputError", outputsByHand().error],
    ["outputNmse", outputsByHand().error / outputsByHand().signal],
    ["outputSqnr", 10 * Math.log10(outputsByHand().error / outputsByHand().signal)],
    ["rowLoss", outputsByHand((r) => gradients.values[r * 5] / tokens / 2).error],
  ])("%s is what it says", async (name, wanted) => {
    expect((await scoreOf(name, rowsOf(), { signal: 500, elements: 240 }))! / wanted).toBeCloseTo(1, 6);
  });

  it("that is additive adds up to the figure of all tensors as one", async () => {
    const [a, b] = [
      rowsOf(),
      rowsOf({ values: values.map((x) => 3 * x), results: values.map((x) => Math.round(3 * x)) }),
    ];
    const one = {
      ...rowsOf({
        rows: 8,
        values: Float32Array.of(...a.values, ...b.values),
        results: Float32Array.of(...a.results, ...b.results),
      }),
    };
    const model = { signal: squares(one.values), elements: one.values.length };
    const sum = async (name: string) => (await scoreOf(name, a, model))! + (await scoreOf(name, b, model))!;
    expect(await sum("modelNmse")).toBeCloseTo((await scoreOf("nmse", one))!, 6);
    expect(await sum("weighted")).toBeCloseTo(((await scoreOf("nmse", a))! + (await scoreOf("nmse", b))!) / 2, 6);
    for (const name of ["imatrix", "imatrixGgml", "outputError"]) {
      expect((await sum(name)) / (await scoreOf(name, one))!).toBeCloseTo(1, 6);
    }
  });

  it("has terms by row that do not go with how rows come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("nmse", "imatrix", "imatrixGgml", "outputError", "rowLoss"),
        fc.integer({ min: 1, max: 3 }),
        async (name, cut) => {
          const work = await signalNamed(name)!.work!();
          if (work.of !== "rows") throw new Error(name);
          const whole = await work.terms(rowsOf());
          const part = (from: number, to: number) =>
            work.terms(
              rowsOf({
                row0: from,
                values: values.slice(from * cols, to * cols),
                results: results.slice(from * cols, to * cols),
              }),
            );
          const [first, second] = [await part(0, cut), await part(cut, 4)];
          expect([...first.error, ...second.error]).toEqual([...whole.error]);
          expect([...first.signal, ...second.signal]).toEqual([...whole.signal]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("weighs the rows of each expert by the expert's own inputs", async () => {
    const experts = { count: 2, meanSquare: Float64Array.from({ length: 2 * cols }, (_, i) => (i < cols ? 1 : 100)) };
    const found = await scoreOf("imatrix", rowsOf({ calibration: { ...calibration, experts } }));
    expect(found! / squares(errors, (i) => (i < 2 * cols ? 1 : 100))).toBeCloseTo(1, 6);
  });

  it("counts what has no result, and leaves it and what is no value out of all sums", async () => {
    const [x, y] = [values.slice(), results.slice()];
    [x[1], y[2], y[3]] = [Number.NaN, Number.NaN, Number.POSITIVE_INFINITY];
    for (const name of ["nmse", "imatrix", "imatrixGgml", "outputError", "rowLoss"]) {
      const work = await signalNamed(name)!.work!();
      if (work.of !== "rows") throw new Error(name);
      const { error, signal, broken } = await work.terms(rowsOf({ values: x, results: y }));
      expect(broken, name).toBe(2);
      for (const sum of [...error, ...signal]) expect(Number.isFinite(sum), name).toBe(true);
    }
    expect(await scoreOf("entropy", rowsOf({ values: x, results: y }))).toBeNull();
  });

  it("holds with values at the ends of float32", async () => {
    for (const scale of [2 ** 120, 2 ** -140]) {
      const x = Float32Array.from({ length: 24 }, (_, i) => scale * (1 + (i % 5)));
      const y = x.map((v, i) => (i % 2 === 0 ? v : Math.fround(v * 1.25)));
      for (const name of ["nmse", "kurtosis", "valueEntropy", "entropy"]) {
        const found = await scoreOf(name, rowsOf({ values: x, results: y }));
        expect(found !== null && Number.isFinite(found), `${name} at ${scale}`).toBe(true);
      }
    }
  });
});

describe("a tensor without anything to say", () => {
  const computed = signals.filter(({ work }) => work);
  it.each(computed.map(({ name }) => name))("%s of an empty one is null", async (name) => {
    const found = await scoreOf(name, rowsOf({ values: new Float32Array(0), results: new Float32Array(0) }));
    // What is of inputs alone does not look at the weight; here there is no layer before.
    if (["energy", "energyEntropy", "loudChannels"].includes(name)) expect(found).toBeGreaterThanOrEqual(0);
    else expect(found).toBeNull();
  });

  it.each(computed.map(({ name }) => name))("%s of zeros, and of nothing finite, is no NaN", async (name) => {
    for (const x of [new Float32Array(24), new Float32Array(24).fill(Number.NaN), new Float32Array(24).fill(7)]) {
      const found = await scoreOf(name, rowsOf({ values: x, results: x }));
      expect(found === null || Number.isFinite(found), `${name}: ${found}`).toBe(true);
    }
  });

  it.each(computed.filter(({ needs }) => needs !== "values").map(({ name }) => name))(
    "%s without a calibration is refused by name, or null",
    async (name) => {
      const rows = rowsOf({ calibration: null });
      if (["energy", "energyEntropy", "loudChannels", "layerCosine"].includes(name))
        expect(await scoreOf(name, rows)).toBeNull();
      else await expect(scoreOf(name, rows)).rejects.toThrow(`${name} needs a calibration`);
    },
  );
});

it("work can be ended between its pieces, and begun again", async () => {
  for (const name of ["outputError", "outputSsim", "salience"]) {
    const rows = rowsOf({ calibration: { ...calibration } });
    const pace = async () => {
      throw new Error("ended");
    };
    await expect(scoreOf(name, { ...rows, pace }), name).rejects.toThrow("ended");
    expect(await scoreOf(name, rows), name).toBeGreaterThan(0);
  }
});

it("similarity is that of the outputs of each token", async () => {
  let total = 0;
  for (let t = 0; t < tokens; t++) {
    const outputsOf = (of: Float32Array) =>
      Array.from({ length: 4 }, (_, r) => {
        let y = 0;
        for (let c = 0; c < cols; c++) y += inputs[t * cols + c] * of[r * cols + c];
        return y;
      });
    total += 1 - similarity(outputsOf(values), outputsOf(results))!;
  }
  expect(await scoreOf("outputSsim", rowsOf())).toBeCloseTo(total / tokens, 6);
});

it("the cosine is with the inputs of the layer before", async () => {
  const work = await signalNamed("layerCosine")!.work!();
  if (work.of !== "tensor") throw new Error(work.of);
  const before = { ...calibration, meanSquare: Float64Array.from(meanSquare).reverse(), tokens: 3 };
  let [dot, square] = [0, 0];
  meanSquare.forEach((m, i) => {
    dot += m * meanSquare[cols - 1 - i];
    square += m * m;
  });
  expect(await work.value({ ...rowsOf(), before })).toBeCloseTo(dot / square, 12);
  expect(await work.value({ ...rowsOf(), before: calibration })).toBeCloseTo(1, 12);
  expect(await work.value(rowsOf())).toBeNull();
});

describe("a calibration of another layer", () => {
  it.each(["imatrix", "imatrixGgml", "outputError", "rowLoss"])("is refused by %s", async (name) => {
    const other = rowsOf({ rows: 6, cols: 4 });
    await expect(scoreOf(name, other)).rejects.toThrow(/of another layer\?|gradients of 4 outputs/);
  });
});

describe("entropy and kurtosis", () => {
  const ramp = Float32Array.from({ length: 4096 }, (_, i) => (i + 0.5) / 4096);
  it("of values spread evenly are all but 8 bits, and 1.8", async () => {
    expect(await scoreOf("valueEntropy", rowsOf({ values: ramp, results: ramp }))).toBeGreaterThan(7.98);
    expect(await scoreOf("kurtosis", rowsOf({ values: ramp, results: ramp }))).toBeCloseTo(1.8, 4);
  });

  it("of a Gaussian: 3; of t(5), which has 9, more", async () => {
    const gaussian = normalValues(2 ** 16, 4);
    expect(await scoreOf("kurtosis", rowsOf({ values: gaussian, results: gaussian }))).toBeCloseTo(3, 1);
    const heavy = gaussian.map((x) => x * x * x);
    expect(await scoreOf("kurtosis", rowsOf({ values: heavy, results: heavy }))).toBeGreaterThan(30);
  });

  it("lost is 1 - b/8 for b bits evenly, 0 where nothing changed, 1 where nothing is left", async () => {
    for (const bits of [1, 2, 4]) {
      const coarse = ramp.map((x) => (Math.floor(x * 2 ** bits) + 0.5) / 2 ** bits);
      expect(await scoreOf("entropy", rowsOf({ values: ramp, results: coarse }))).toBeCloseTo(1 - bits / 8, 2);
    }
    expect(await scoreOf("entropy", rowsOf({ values: ramp, results: ramp }))).toBe(0);
    expect(await scoreOf("entropy", rowsOf({ values: ramp, results: ramp.map(() => 0.5) }))).toBe(1);
  });
});
