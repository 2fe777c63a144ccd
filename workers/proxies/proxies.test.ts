import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseProxy, printProxy } from "../../kernels/signals/emq/expression.ts";
import { scoresOf } from "../../kernels/signals/emq/problem.ts";
import { spearman } from "../../kernels/signals/rank.ts";
import { judging, openSample, setupOf } from "../lm/open-for-test.ts";
import type { ScoredTensor, ScoreFile } from "../scores/types.ts";
import { drawConfigurations } from "./problem.ts";
import type { ProxiesAnswer } from "./request.ts";
import { evolveProxies, type ProxiesAsked } from "./run.ts";

/** KL of each matrix of the sample alone, measured by PyTorch. */
const golden = JSON.parse(
  readFileSync(fileURLToPath(new URL("../sensitivity/torch.golden.json", import.meta.url)), "utf8"),
) as { names: string[]; kl: Record<string, [number, number][]> };
const recipes = Object.keys(golden.kl);

let setup: ReturnType<typeof setupOf>;
let scores: ScoreFile;
beforeAll(async () => {
  setup = setupOf(await openSample());
  const sizes = new Map(
    [...setup.model.parts.values()].map(({ stored }) => [stored.tensor, stored.rows * stored.cols]),
  );
  const tensors = golden.names.map((name) => {
    const elements = sizes.get(name)!;
    return { name, elements, bits: [2.25 * elements, 3.25 * elements] } as ScoredTensor;
  });
  const kl = { values: golden.names.map((_, t) => recipes.map((recipe) => golden.kl[recipe][t][0])), about: "" };
  scores = { recipes, tensors, signals: { kl } } as unknown as ScoreFile;
});
afterAll(async () => {
  await setup.machines.end();
  setup.model.source.close();
});

const control = { signal: new AbortController().signal, progress() {} };
const run = (over: Partial<ProxiesAsked> = {}): Promise<ProxiesAnswer> =>
  evolveProxies(
    setup,
    {
      ...{ text: judging, windows: { tokens: 64, stride: 64, most: 2, seed: 0 }, device: "wasm", budget: null },
      ...{ scores, truth: "kl", generations: 200, seed: 1, ...over },
    },
    control,
  );

describe("proxies of the sample model, by measured KL of all its matrices", () => {
  let answer: ProxiesAnswer;
  beforeAll(async () => {
    answer = await run();
  }, 60_000);

  it("the evolved one orders held-out configurations as well as the best built-in one", () => {
    const { best, builtIn, missing } = answer.evolved;
    expect(answer.tensors).toEqual(golden.names);
    expect(missing).toEqual([]);
    expect(builtIn.length).toBe(11);
    expect(best.heldOut.mean).toBeGreaterThanOrEqual(Math.max(...builtIn.map(({ heldOut }) => heldOut.mean!)));
    expect(answer.about).toContain("42 tensors");
  });

  it("its signal adds up to what its formula says of a configuration", () => {
    const { signal, evolved } = answer;
    expect(signal.about.startsWith(printProxy(parseProxy(evolved.best.text)))).toBe(true);
    const sum = (r: number) => signal.values.reduce((total, row) => total + row[r]!, 0);
    expect(sum(0)).toBeGreaterThan(sum(1));
    const kl = golden.kl["int2/128"].map(([value]) => value);
    const own = spearman(
      signal.values.map((row) => row[0]!),
      kl,
    );
    expect(own.value).toBeGreaterThan(0.5);
  });
});

it("configurations are drawn from what has figures, and their losses are sums", () => {
  const layer = (name: string) => ({ name, elements: 4, inputs: { W: Float64Array.of(1) } });
  const known = new Map(["a", "b", "c"].map((name) => [name, layer(name)]));
  const tensor = (name: string, bits: (number | null)[]) => ({ name, elements: 4, bits }) as ScoredTensor;
  const small = {
    recipes: ["x", "y", "z"],
    tensors: [tensor("a", [8, 16, 8]), tensor("b", [8, 16, null]), tensor("c", [8, 8, 8]), tensor("d", [8, 16, 32])],
    signals: {
      kl: {
        values: [
          [1, 0.5, null],
          [2, 0.25, 7],
          [1, 2, 3],
          [1, 1, 1],
        ],
        about: "",
      },
    },
  } as unknown as ScoreFile;
  const { tensors, leftOut, configurations } = drawConfigurations(small, "kl", known, 40, 3);
  expect(tensors).toEqual(["a", "b"]);
  expect(leftOut).toEqual([
    { tensor: "c", why: "it has no kl under two recipes of different bits" },
    { tensor: "d", why: "no gradients are known of it" },
  ]);
  const loss = { 2: [1, 2], 4: [0.5, 0.25] } as Record<number, number[]>;
  const { bits } = configurations;
  configurations.loss.forEach((found, i) => {
    expect(found).toBe(loss[bits[2 * i]][0] + loss[bits[2 * i + 1]][1]);
  });
  expect(new Set(configurations.loss).size).toBe(4);
  expect(scoresOf("bits", Float64Array.of(1, 0), configurations)[0]).toBe(bits[0]);
  expect(() => drawConfigurations(small, "fisher", known, 40, 3)).toThrow('no signal "fisher"');
  expect(() => drawConfigurations(small, "kl", new Map(), 40, 3)).toThrow("there are 0 tensors that can be varied");
});
