import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { statedProblem } from "../testing/layers-to-rank.ts";
import { builtIns } from "./built-in.ts";
import { Draws, drawProxy, mutate } from "./draw.ts";
import { type Evolved, evolve } from "./evolve.ts";
import { canonical, MAX_NODES, nodesOf, parseProxy, printProxy } from "./expression.ts";
import { INPUTS, UNARY, UNARY_NAMES } from "./operations.ts";
import { chosen, judge, layerValue, type ProxyLayer, scoresOf } from "./problem.ts";

const formulas = fc.tuple(fc.nat(), fc.nat(6)).map(([seed, changes]) => {
  const draws = new Draws(seed);
  let proxy = drawProxy(draws, INPUTS);
  for (let i = 0; i < changes; i++) proxy = mutate(proxy, draws, INPUTS);
  return proxy;
});

const layer: ProxyLayer = {
  name: "small",
  elements: 8,
  inputs: {
    W: Float64Array.of(1, -2, 3, 0),
    A: Float64Array.of(1, 2, 1, 2),
    G: Float64Array.of(0.5, 0.25, -1, 4),
    H: Float64Array.of(2, 8, 2, 8),
  },
};
const value = (text: string): number => layerValue(parseProxy(text).formula, layer);

describe("formulas", () => {
  test("print as text that reads back", () => {
    fc.assert(
      fc.property(formulas, (proxy) => {
        expect(nodesOf(proxy.formula)).toBeLessThanOrEqual(MAX_NODES);
        expect(parseProxy(printProxy(proxy))).toEqual(proxy);
      }),
    );
    expect(printProxy(parseProxy(" noise( mul ( size, mean( square(W) ) ) ) "))).toBe(
      "noise(mul(size,mean(square(W))))",
    );
    for (const { proxy } of builtIns) expect(parseProxy(printProxy(proxy))).toEqual(proxy);
  });

  test.each([
    ["", "Column 1: one of bits, noise is expected."],
    ["mean(W)", 'Column 1: one of bits, noise is expected, not "mean".'],
    ["bits(mul(W G))", 'Column 12: "," is expected, not "G".'],
    ["bits(mean(W)) W", 'Column 15: the end is expected, not "W".'],
    ["bits(toString(W))", "Column 6: one of W, A, G, H, size, neg"],
    [`bits(${"abs(".repeat(30)}W${")".repeat(31)}`, "a formula has at most 24 parts"],
  ])("a mistake in %j has its column and what was expected", (text, message) => {
    expect(() => parseProxy(text)).toThrow(message);
  });

  test("have the values that one works out", () => {
    expect(value("bits(size)")).toBe(8);
    expect(value("bits(mean(abs(W)))")).toBe(1.5);
    expect(value("bits(mul(size,mean(abs(mul(W,G)))))")).toBe(8 * ((0.5 + 0.5 + 3) / 4));
    // What is no number becomes one by its mean.
    expect(value("bits(mul(H,square(W)))")).toBe((2 + 32 + 18) / 4);
    expect(value("bits(rms(W))")).toBe(Math.sqrt(14 / 4));
    expect(value("bits(std(A))")).toBe(0.5);
    expect(value("bits(max(unit(A)))")).toBeCloseTo(2 / Math.sqrt(2.5), 14);
    expect(value("bits(zeros(W))")).toBe(0.25);
    expect(value("bits(mul(size,mean(softmax(W))))")).toBeCloseTo(2, 14);
    expect(value("bits(larger(W,mean(A)))")).toBe((1.5 + 1.5 + 3 + 1.5) / 4);
    expect(value("bits(mean(log(W)))")).toBeNaN();
    expect(layerValue(parseProxy("bits(mean(H))").formula, { ...layer, inputs: { W: layer.inputs.W } })).toBeNaN();
  });

  test("made canonical, they keep their value and are canonical", () => {
    fc.assert(
      fc.property(formulas, ({ formula }) => {
        const same = canonical(formula);
        expect(canonical(same)).toEqual(same);
        const [a, b] = [layerValue(formula, layer), layerValue(same, layer)];
        if (Number.isFinite(a)) expect(Math.abs(b - a)).toBeLessThanOrEqual(1e-9 * Math.abs(a) + 1e-12);
      }),
      { numRuns: 300 },
    );
    const text = (one: string) => printProxy({ weighing: "bits", formula: canonical(parseProxy(one).formula) });
    expect(text("bits(mul(W,G))")).toBe(text("bits(mul(G,W))"));
    expect(text("bits(sub(W,G))")).not.toBe(text("bits(sub(G,W))"));
    expect(text("bits(abs(abs(neg(neg(W)))))")).toBe("bits(abs(W))");
  });

  test("every operation that says it makes a number does", () => {
    for (const name of UNARY_NAMES) {
      expect(UNARY[name].of(layer.inputs.H!).length === 1, name).toBe(UNARY[name].reduces);
    }
  });
});

describe("scores", () => {
  const configurations = { bits: Float64Array.of(2, 4, 4, 2), loss: Float64Array.of(3, 1) };
  test("weigh the layers' values by bits, or by the noise that they leave", () => {
    expect([...scoresOf("bits", Float64Array.of(1, 10), configurations)]).toEqual([42, 24]);
    expect([...scoresOf("noise", Float64Array.of(256, 512), configurations)]).toEqual([-18, -33]);
  });
  test("are no fitness where a layer has no finite value", () => {
    const broken = { ...layer, name: "broken", inputs: { ...layer.inputs, W: Float64Array.of(0, 0, 0, 0) } };
    const { at, mean } = judge(parseProxy("bits(inv(rms(W)))"), { layers: [layer, broken], configurations });
    expect(mean).toBeNull();
    expect(at[0].why).toBe("the formula has no finite value for broken");
  });
});

describe("evolution", () => {
  const problem = statedProblem();
  const run = (seed: number, generations = 250): Promise<Evolved> => evolve(problem, { seed, generations });

  test.each([1, 3])(
    "gives a proxy at least as good as the best built-in on configurations that it did not see (seed %i)",
    async (seed) => {
      const { best, builtIn, seen, unseen, counts, history } = await run(seed);
      expect([...seen, ...unseen].sort((a, b) => a - b)).toEqual([...problem.configurations.loss.keys()]);
      expect(unseen.length).toBe(160);
      const [bestBuiltIn] = builtIn;
      expect(bestBuiltIn.name).toBe("hawq-v2");
      const top = Math.max(...builtIn.map(({ heldOut }) => heldOut.mean!));
      expect(best.trained.mean).toBeGreaterThanOrEqual(bestBuiltIn.trained.mean!);
      expect(best.heldOut.mean).toBeGreaterThanOrEqual(top);
      const { made, ...fates } = counts;
      expect(made).toBe(250);
      expect(Object.values(fates).reduce((a, b) => a + b)).toBe(made);
      for (const fate of ["equivalent", "early", "taken"] as const) expect(counts[fate]).toBeGreaterThan(0);
      expect(history.every((fitness, i) => i === 0 || fitness >= history[i - 1])).toBe(true);
      // What is told can be told again.
      const again = judge(parseProxy(best.text), {
        ...problem,
        configurations: chosen(problem.configurations, unseen),
      });
      expect(again).toEqual(best.heldOut);
    },
  );

  test("is the same for the same seed", async () => {
    const [a, b] = [await run(5, 40), await run(5, 40)];
    expect(a).toEqual(b);
    expect((await run(6, 40)).seen).not.toEqual(a.seen);
  });

  test("uses only what is known of the layers", async () => {
    const layers = problem.layers.map((one) => ({ ...one, inputs: { W: one.inputs.W, A: one.inputs.A } }));
    const { best, builtIn, missing } = await evolve({ ...problem, layers }, { seed: 1, generations: 40 });
    expect(best.text).not.toMatch(/[GH]/);
    expect(builtIn.map(({ name }) => name).sort()).toEqual(["norm", "output noise", "size", "synflow", "wanda"]);
    expect(missing).toContainEqual({ name: "snip", needs: ["G"] });
  });

  test("can be left between two children", async () => {
    const left = new DOMException("left", "AbortError");
    let made = 0;
    const pace = async (done: number) => {
      made = done;
      if (done === 7) throw left;
    };
    await expect(evolve(problem, { seed: 1, generations: 1000, pace })).rejects.toBe(left);
    expect(made).toBe(7);
  });

  test("says what is too little", async () => {
    const few = statedProblem({ configurations: 10 });
    await expect(evolve(few, { seed: 1 })).rejects.toThrow("10 configurations are too few");
    await expect(evolve({ ...problem, layers: [] }, { seed: 1 })).rejects.toThrow("no layers");
  });
});
