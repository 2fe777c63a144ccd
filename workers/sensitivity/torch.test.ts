import { afterAll, beforeAll, expect, it } from "vitest";
import { judgingDocument, openSample, setupOf } from "../lm/open-for-test.ts";
import { textOf } from "../models/text/origin.ts";
import type { SensitivityAsked } from "./asked.ts";
import { sensitivities } from "./run.ts";
import golden from "./torch-small.golden.json" with { type: "json" };

/** All five matrices, and Hessians through the network, take a minute: `LM=all npx vitest run workers/sensitivity/torch`. */
const everything = process.env.LM === "all";

/** What PyTorch says of five matrices on two windows (`torch-small.golden.json`): gradients by autograd, Hessians by exact products. */
let setup: ReturnType<typeof setupOf>;
beforeAll(async () => {
  setup = setupOf(await openSample());
});
afterAll(async () => {
  await setup.machines.end();
  setup.model.source.close();
});

const all = Object.keys(golden.tensors) as (keyof typeof golden.tensors)[];
const names = everything ? all : all.filter((_, t) => t === 0 || t > 2);
const recipes = ["int2/128", "int3/128"] as const;

const asked: SensitivityAsked = {
  text: textOf(judgingDocument, "held-out text", 0, golden.characters),
  windows: { tokens: golden.windowTokens, stride: golden.windowTokens, most: null, seed: 0 },
  recipes: [...recipes],
  signals: ["kl", "gradient", "fisher"],
  tensors: names,
  definitions: [],
  seed: 1,
  device: "wasm",
  budget: null,
};

const run = (over: Partial<SensitivityAsked> = {}) =>
  sensitivities(setup, { ...asked, ...over }, { signal: new AbortController().signal, progress() {}, give() {} });

it("divergence, gradient times change and Fisher's diagonal are PyTorch's", async () => {
  const { plan, signals, refused } = await run();
  expect(plan).toMatchObject({ windows: golden.windows, predictions: golden.windows * golden.windowTokens });
  expect(refused.flat()).toEqual(names.flatMap(() => [null, null]));
  for (const [t, name] of names.entries()) {
    for (const [r, recipe] of recipes.entries()) {
      const want = golden.tensors[name][recipe];
      const where = `${name} under ${recipe}`;
      expect(signals.kl!.values[t][r]! / want.kl, `KL of ${where}`).toBeCloseTo(1, 2);
      expect(signals.gradient!.values[t][r]! / want.gradient, `gradient of ${where}`).toBeCloseTo(1, 3);
      // Of a window's predictions together, a prediction: the gradient of their sum, squared, over their number.
      const fisher = want.fisher * golden.windowTokens;
      expect(signals.fisher!.values[t][r]! / fisher, `Fisher information of ${where}`).toBeCloseTo(1, 3);
    }
  }
});

it.runIf(everything)("the Hessian's trace through the network is PyTorch's within Hutchinson's error", async () => {
  const tensors = all.slice(3);
  const samples = 12;
  const { signals } = await run({ signals: ["trace"], tensors, recipes: ["int3/128"], hessian: "network", samples });
  for (const [t, name] of tensors.entries()) {
    const { trace, elements, "int3/128": change } = golden.tensors[name as keyof typeof golden.tensors];
    const [mean, , one] = trace;
    const found = (signals.trace!.values[t][0]! * elements) / change.squaredChange;
    expect(Math.abs(found - mean), name).toBeLessThan((4 * one) / Math.sqrt(samples));
    // Four errors of so few samples are a narrow bound: another Hessian would be far outside.
    expect((4 * one) / Math.sqrt(samples), name).toBeLessThan(0.2 * mean);
  }
});

it.runIf(everything)("its largest eigenvalue is PyTorch's", async () => {
  const [name] = all.slice(3);
  const { signals } = await run({
    ...{ signals: ["eigenvalue"], tensors: [name], recipes: ["int3/128"], hessian: "network", samples: 20 },
  });
  const { eigenvalue, "int3/128": change } = golden.tensors[name];
  expect(signals.eigenvalue!.values[0][0]! / change.squaredChange / eigenvalue).toBeCloseTo(1, 1);
});
