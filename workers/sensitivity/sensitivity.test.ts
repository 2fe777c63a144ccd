import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rademacher } from "../../kernels/signals/trace/hutchinson.ts";
import { judging, openSample, runLm, setupOf, weights } from "../lm/open-for-test.ts";
import { readModelRecipe } from "../lm/recipe.ts";
import type { SensitivityAsked } from "./asked.ts";
import { groundOf, sideOf } from "./ground.ts";
import { additivityOf, againstUniform, measureMixes } from "./measure.ts";
import { keptPrefixes } from "./prefixes.ts";
import type { MeasuredMix, MeasurePart, MixToMeasure, SensitivityPart } from "./request.ts";
import { planSensitivity, sensitivities } from "./run.ts";

let setup: ReturnType<typeof setupOf>;
/** The same model opened once more: what one of them found the other has to find itself. */
let fresh: ReturnType<typeof setupOf>;
beforeAll(async () => {
  [setup, fresh] = [setupOf(await openSample()), setupOf(await openSample())];
});
afterAll(async () => {
  for (const one of [setup, fresh]) {
    await one.machines.end();
    one.model.source.close();
  }
});

const tensor = (name: string) => `model.layers.${name}_proj.weight`;
const usual: SensitivityAsked = {
  ...{ text: judging, recipes: ["int3/128"], signals: ["kl"], definitions: [], seed: 1, device: "wasm", budget: null },
  ...{
    windows: { tokens: 32, stride: 32, most: 2, seed: 0 },
    tensors: [tensor("4.self_attn.v"), tensor("5.mlp.down")],
  },
};

async function run(over: Partial<SensitivityAsked> = {}, control: { stop?(part: SensitivityPart): boolean } = {}) {
  const parts: SensitivityPart[] = [];
  const abort = new AbortController();
  const answer = await sensitivities(
    setup,
    { ...usual, ...over },
    {
      signal: abort.signal,
      progress() {},
      give(part) {
        parts.push(part);
        if (control.stop?.(part)) abort.abort();
      },
    },
  ).catch((error: unknown) => {
    if (!control.stop) throw error;
    expect(error).toMatchObject({ name: "AbortError" });
    return null;
  });
  const scores = parts.flatMap((part) => (part.part === "score" ? [part.score] : []));
  return { answer: answer!, parts, scores };
}

describe("KL one tensor at a time", () => {
  it("is that of lm with this tensor alone, and its standard error", async () => {
    const { answer, scores, parts } = await run();
    expect(parts[0]).toMatchObject({ part: "plan", plan: { windows: 2, tensors: 2, recipes: 1 } });
    expect(scores.map((score) => score.tensor)).toEqual(usual.tensors);
    for (const [t, name] of usual.tensors!.entries()) {
      const { figures } = await runLm(fresh, { a: weights(`${name}=int3/128`), tokens: 32 });
      const { values, error } = answer.signals.kl!;
      expect(values[t][0]! / figures.a!.kl.value!).toBeCloseTo(1, 5);
      expect(error![t][0]! / figures.a!.kl.stderr!).toBeCloseTo(1, 4);
      expect(scores[t]).toMatchObject({ value: values[t][0], recipe: "int3/128" });
    }
    expect(answer.noise!.kl).toBeLessThan(answer.signals.kl!.values[0][0]! / 100);
  });

  it("of one layer's keys and values is that of lm with rules for its cache", async () => {
    const [least, recipe] = ["int2/32", "int3/16"];
    const { answer, scores } = await run({ recipes: [], tensors: [], cacheRecipes: [recipe, "q4_k", least] });
    const { layers, kl, recipes, refused } = answer.cache!;
    expect(layers).toEqual(
      Array.from({ length: 6 }, (_, layer) => ({ name: `model.layers.${layer}.self_attn`, layer })),
    );
    expect(recipes).toEqual([recipe, "q4_k", least]);
    // Heads are no whole blocks of 256: said of each layer, and nothing else is lost by it.
    expect(refused.map((row) => row.map((why) => why !== null))).toEqual(Array(6).fill([false, true, false]));
    expect(scores).toHaveLength(18);
    for (const layer of [1, 5]) {
      const name = `model.layers.${layer}.self_attn`;
      const cache = `${name}.keys.*=${recipe};${name}.values.*=${recipe}`;
      const { figures } = await runLm(fresh, { a: { ...weights(""), cache }, tokens: 32 });
      expect(kl.values[layer][0]! / figures.a!.kl.value!).toBeCloseTo(1, 5);
      expect(kl.error![layer][0]! / figures.a!.kl.stderr!).toBeCloseTo(1, 4);
      expect(kl.values[layer][2]!).toBeGreaterThan(kl.values[layer][0]!);
    }
    await expect(run({ cacheRecipes: [recipe], signals: ["fisher"] })).rejects.toThrow(/scored by kl alone/);
  });

  it("of the embedding, which is the head as well, passes everything", async () => {
    const name = "model.embed_tokens.weight";
    const { answer } = await run({ tensors: [name] });
    const { figures } = await runLm(setup, { a: weights(`${name}=int3/128`), tokens: 32 });
    expect(answer.signals.kl!.values[0][0]! / figures.a!.kl.value!).toBeCloseTo(1, 5);
  });

  it("keeps fewer windows between layers where there is less memory, and gives the same", async () => {
    const name = tensor("4.self_attn.k");
    const control = { signal: new AbortController().signal, progress() {} };
    const ground = await groundOf(setup, usual, control);
    const least = ground.work.plan.bytesHeld;
    expect(keptPrefixes(ground).every).toBe(1);
    expect(keptPrefixes({ ...ground, budget: least }).every).toBe(6);
    const asked = { ...usual, tensors: [name], budget: least };
    const tight = await sensitivities(fresh, asked, { ...control, give() {} });
    const { answer } = await run({ tensors: [name] });
    expect(tight.plan.bytesHeld).toBeLessThan(answer.plan.bytesHeld);
    expect(tight.signals.kl!.values).toEqual(answer.signals.kl!.values);
  });

  it("of a model that does not fit passes it layer by layer, and is the same", async () => {
    const asked = {
      ...usual,
      tensors: [tensor("5.self_attn.q")],
      budget: 46e6,
      signals: ["kl", "fisher"] as SensitivityAsked["signals"],
    };
    const parts: SensitivityPart[] = [];
    const control = {
      signal: new AbortController().signal,
      progress() {},
      give: (part: SensitivityPart) => parts.push(part),
    };
    const streamed = await sensitivities(fresh, asked, control);
    const { answer } = await run({ ...asked, budget: null });
    expect(streamed.plan.bytesHeld).toBeLessThan(answer.plan.bytesHeld);
    for (const signal of ["kl", "fisher"] as const) {
      expect(streamed.signals[signal]!.values[0][0]! / answer.signals[signal]!.values[0][0]!).toBeCloseTo(1, 6);
    }
    const network = { ...asked, signals: ["trace"] as SensitivityAsked["signals"], hessian: "network" as const };
    await expect(sensitivities(fresh, network, control)).rejects.toThrow(/where the model is held as a whole/);
  });

  it("goes on where it was left, and says why a recipe has none", async () => {
    const left = await run({ recipes: ["int3/128", "int2/64"] }, { stop: ({ part }) => part === "score" });
    expect(left.scores.length).toBeGreaterThan(0);
    const known = left.scores.map((score) => ({ ...score, value: -1 }));
    const whole = await run({ recipes: ["int3/128", "int2/64", "gptq+int3/128"], known });
    expect(whole.scores.filter(({ refused }) => refused === undefined)).toHaveLength(4 - known.length);
    expect(whole.answer.signals.kl!.values.flat().filter((value) => value === -1)).toHaveLength(known.length);
    expect(whole.answer.refused.map((row) => row.map((why) => why !== null))).toEqual(
      Array(2).fill([false, false, true]),
    );
    expect(whole.answer.refused[0][2]).toMatch(/v_proj.*gptq/);
  });

  it.each<[RegExp, Partial<SensitivityAsked>]>([
    [/no tensor nose/, { tensors: ["nose"] }],
    [/No tensor is asked for/, { tensors: [] }],
    [/int3\/128 is among the recipes twice/, { recipes: ["int3/128", "int3@rne/128"] }],
    [/int0/, { recipes: ["int0/128"] }],
  ])("says %s", async (message, over) => {
    const control = { signal: new AbortController().signal, progress() {} };
    await expect(planSensitivity(setup, { ...usual, ...over }, control)).rejects.toThrow(message);
  });
});

describe("signals of gradients", () => {
  const small = { windows: { tokens: 32, stride: 32, most: 3, seed: 0 }, recipes: ["int4/128", "int2/128"] };
  const names = [tensor("5.self_attn.k"), tensor("5.self_attn.q"), tensor("5.mlp.down")];

  it("are sums over weights of gradient times change, and of its square", async () => {
    const { answer, scores } = await run({ ...small, tensors: names, signals: ["gradient", "fisher"] });
    expect(scores).toHaveLength(12);
    const { network } = await setup.running("wasm");
    const running = await setup.running("wasm");
    const { signal } = new AbortController();
    const [name, part] = [names[1], "model.layers.5.self_attn.q_proj.weight"];
    const layers = setup.model.architecture.layers;
    const { work } = await groundOf(setup, { ...usual, ...small, tensors: null }, { signal, progress() {} });
    const values = (await setup.model.weights(5, signal)).get(part)!;
    const sums = { gradient: [] as number[], fisher: [] as number[] };
    const rule = readModelRecipe(weights(`${name}=int2/128`), []);
    const bound = setup.model.parts.get(part)!;
    const made = await work.bench.weights.quantized(bound.stored, rule, null, async () => values, {
      signal,
      progress() {},
    });
    const ends = await running.held("ends", signal);
    for (const { tokens, targets } of work.cut.windows) {
      let hidden = await network.embed(ends, tokens);
      for (let layer = 0; layer < layers - 1; layer++)
        hidden = await network.layer(layer, await running.held(layer, signal), hidden);
      const last = await running.held(layers - 1, signal);
      const { gradient } = await network.loss(ends, await network.layer(layers - 1, last, hidden), targets);
      await network.backward(layers - 1, last, hidden, gradient, {
        wants: (one) => ({ weight: one.name === part }),
        async weight(_, by) {
          const terms = Array.from(by, (g, i) => Math.abs(g * (made.values[i] - values[i])));
          sums.gradient.push(terms.reduce((a, b) => a + b));
          sums.fisher.push(terms.reduce((a, b) => a + b * b, 0) / 2);
        },
      });
    }
    for (const key of ["gradient", "fisher"] as const) {
      const mean = sums[key].reduce((a, b) => a + b) / 96;
      expect(answer.signals[key]!.values[1][1]! / mean).toBeCloseTo(1, 4);
      const square = sums[key].reduce((sum, x) => sum + (x / 32 - mean) ** 2, 0);
      expect(answer.signals[key]!.error![1][1]! / Math.sqrt(square / 6)).toBeCloseTo(1, 4);
    }
  });

  it("say of small changes what the loss does at the most, and the Fisher information what KL is nearly", async () => {
    const signals: SensitivityAsked["signals"] = ["kl", "gradient", "fisher"];
    const { answer } = await run({ ...small, tensors: names, recipes: ["int6/128"], signals, fisherAt: "outputs" });
    for (const [t, name] of names.entries()) {
      const { figures } = await runLm(setup, { a: weights(`${name}=int6/128`), tokens: 32, most: 3 });
      const of = (signal: "kl" | "gradient" | "fisher") => answer.signals[signal]!.values[t][0]!;
      expect(Math.abs(figures.a!.nllChange.value!)).toBeLessThan(of("gradient") + 2 * of("kl"));
      expect(of("fisher") / of("kl")).toBeGreaterThan(0.1);
      expect(of("fisher") / of("kl")).toBeLessThan(10);
    }
  });

  it("are taken of the model with the recipe everywhere, where that is asked for", async () => {
    const over = { ...small, tensors: names, signals: ["gradient"] as SensitivityAsked["signals"] };
    const [stored, quantized] = [await run(over), await run({ ...over, gradientAt: "quantized" })];
    const ratio = (r: number) =>
      quantized.answer.signals.gradient!.values[1][r]! / stored.answer.signals.gradient!.values[1][r]!;
    // Four bits leave the model nearly as it is, two do not.
    expect(Math.abs(Math.log(ratio(0)))).toBeLessThan(0.2);
    expect(Math.abs(Math.log(ratio(1)))).toBeGreaterThan(0.1);
  });

  it("give the share of relevance that passes each tensor, whatever the recipes", async () => {
    const { answer, scores } = await run({ ...small, tensors: names, signals: ["lrp"] });
    const { values, error } = answer.signals.lrp!;
    expect(values.map((row) => row.length)).toEqual([1, 1, 1]);
    expect(values.reduce((sum, [value]) => sum + value!, 0)).toBeCloseTo(1, 9);
    for (const [t, [value]] of values.entries()) {
      expect(value).toBeGreaterThan(0);
      expect(error![t][0]).toBeGreaterThan(0);
      expect(error![t][0]).toBeLessThan(value!);
    }
    // What is known is not made again.
    const again = await run({ ...small, tensors: names, signals: ["lrp"], known: scores });
    expect(again.scores).toEqual([]);
    expect(again.answer.signals.lrp!.values).toEqual(values);
    const none = await run({ ...small, tensors: ["model.embed_tokens.weight"], signals: ["lrp"] });
    expect(none.answer.signals.lrp!.values).toEqual([[null]]);
  });

  it("of KL at the quantized model, along the change, are twice the KL where the change is small", async () => {
    const over = { ...small, tensors: [names[1]], recipes: ["int6/128"], gradientAt: "divergence" as const };
    const { answer } = await run({ ...over, signals: ["kl", "gradient"] });
    const { kl, gradient } = answer.signals;
    expect(gradient!.values[0][0]! / kl!.values[0][0]!).toBeCloseTo(2, 1);
    expect(gradient!.about).toMatch(/gradients of KL/);
  });

  it("are none of the embedding, which another signal may have a figure of", async () => {
    const both = await run({
      ...small,
      tensors: ["model.embed_tokens.weight"],
      recipes: ["int4/128"],
      signals: ["kl", "fisher"],
    });
    expect(both.answer.refused).toEqual([[null]]);
    expect(both.answer.signals.fisher!.values).toEqual([[null]]);
    expect(both.answer.signals.kl!.values[0][0]).toBeGreaterThan(0);
    const { answer } = await run({ ...small, tensors: ["model.embed_tokens.weight", names[1]], signals: ["fisher"] });
    expect(answer.signals.fisher!.values[0]).toEqual([null, null]);
    expect(answer.refused[0][0]).toMatch(/no gradients are taken/);
    expect(answer.signals.fisher!.values[1].every((value) => value! > 0)).toBe(true);
  });
});

describe("signals of the Hessian", () => {
  const small = { windows: { tokens: 32, stride: 32, most: 2, seed: 0 }, recipes: ["int4/128", "int2/128"] };
  const names = [tensor("5.self_attn.q"), tensor("5.mlp.down")];

  it("of inputs: the largest eigenvalue is between the mean and the sum of all, and both go by the squared change", async () => {
    const { answer } = await run({ ...small, tensors: names, signals: ["trace", "eigenvalue"] });
    const { trace, eigenvalue } = answer.signals;
    for (const [t, cols] of [256, 768].entries()) {
      const [mean, top] = [trace!.values[t], eigenvalue!.values[t]] as number[][];
      expect(top[0] / mean[0]).toBeGreaterThan(1);
      expect(top[0] / mean[0]).toBeLessThan(cols);
      expect(top[1] / mean[1]).toBeCloseTo(top[0] / mean[0], 6);
      expect(mean[1] / mean[0]).toBeGreaterThan(10);
      expect(trace!.error![t][0]!).toBeGreaterThan(0);
    }
    expect(trace!.about).toMatch(/H = 2 X X\^T \/ T/);
  });

  it("through the network: a sample of the trace is the second difference of the loss", async () => {
    const [name] = names;
    const over = {
      ...small,
      tensors: [name],
      signals: ["trace"] as SensitivityAsked["signals"],
      hessian: "network" as const,
    };
    const { answer } = await run({ ...over, samples: 1 });
    const running = await setup.running("wasm");
    const { network } = running;
    const { signal } = new AbortController();
    const { work } = await groundOf(setup, { ...usual, ...over }, { signal, progress() {} });
    const values = (await setup.model.weights(5, signal)).get(name)!;
    const z = rademacher(values.length, usual.seed, 0, 0);
    const ends = await running.held("ends", signal);
    const step = 0.03 * Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    const loss = async (times: number) => {
      const moved = values.map((x, i) => x + times * step * z[i]);
      const own = await network.load(5, new Map([[name, moved]]), await running.held(5, signal));
      let sum = 0;
      for (const { tokens, targets } of work.cut.windows) {
        let hidden = await network.embed(ends, tokens);
        for (let layer = 0; layer < 6; layer++) {
          hidden = await network.layer(layer, layer === 5 ? own : await running.held(layer, signal), hidden);
        }
        sum += (await network.loss(ends, hidden, targets)).nll.reduce((a, b) => a + b, 0);
      }
      network.release(own);
      return sum / work.cut.predictions;
    };
    const second = ((await loss(1)) + (await loss(-1)) - 2 * (await loss(0))) / step ** 2;
    const { recipe } = sideOf(await groundOf(setup, { ...usual, ...over }, { signal, progress() {} }), [
      { tensor: name, recipe: "int2/128" },
    ]);
    const made = await work.bench.weights.quantized(
      setup.model.parts.get(name)!.stored,
      recipe,
      null,
      async () => values,
      { signal, progress() {} },
    );
    const square = made.values.reduce((sum, x, i) => sum + (x - values[i]) ** 2, 0);
    expect(answer.signals.trace!.values[0][1]! / ((second / values.length) * square)).toBeCloseTo(1, 1);
    expect(answer.signals.trace!.error![0][1]).toBeNull();
    const top = await run({ ...over, signals: ["eigenvalue"], samples: 2 });
    expect(top.answer.signals.eigenvalue!.values[0][1]!).toBeGreaterThan(Math.abs(answer.signals.trace!.values[0][1]!));
    expect(top.answer.signals.eigenvalue!.about).toMatch(/1 of 1 power iterations did not settle in 2 products/);
  });
});

describe("interactions", () => {
  it("are what a pair loses beyond its two, and are asked of those that lose most", async () => {
    const names = [tensor("3.self_attn.v"), tensor("3.mlp.up"), tensor("5.self_attn.k")];
    const { answer } = await run({ tensors: names, recipes: ["int2/128"], signals: ["kl", "interaction"], probes: 2 });
    const [{ tensors, values, recipe }] = answer.interactions;
    const alone = answer.signals.kl!.values.map(([value]) => value!);
    const { figures } = await runLm(setup, {
      a: weights(tensors.map((name) => `${name}=int2/128`).join(";")),
      tokens: 32,
    });
    const [a, b] = tensors.map((name) => names.indexOf(name));
    expect(recipe).toBe("int2/128");
    expect(Math.min(alone[a], alone[b])).toBe([...alone].sort((x, y) => y - x)[1]);
    expect([values[0], values[3]]).toEqual([alone[a], alone[b]]);
    expect(values[1]).toBeCloseTo(figures.a!.kl.value! - alone[a] - alone[b], 8);
    expect(values[2]).toBe(values[1]);
    const [left] = [0, 1, 2].filter((t) => t !== a && t !== b);
    const scores = answer.signals.interaction!.values.map(([value]) => value!);
    expect(scores[left]).toBe(alone[left]);
    expect(scores[a]).toBeCloseTo(alone[a] + values[1], 12);
  });
});

describe("a bound of KL", () => {
  it("is held by as many of the least sensitive tensors as bisection finds", async () => {
    const names = ["q", "k", "v", "o"].map((one) => tensor(`5.self_attn.${one}`));
    const over = {
      tensors: names,
      recipes: ["int2/128"],
      signals: ["interaction"] as SensitivityAsked["signals"],
      probes: 2,
    };
    const all = await runLm(setup, { a: weights(names.map((name) => `${name}=int2/128`).join(";")), tokens: 32 });
    const bound = all.figures.a!.kl.value! / 2;
    const [prefix] = (await run({ ...over, bound })).answer.prefixes;
    expect(prefix.tried.length).toBeLessThanOrEqual(3);
    expect(prefix.order.toSorted()).toEqual(names.toSorted());
    expect(prefix.length).toBeGreaterThan(0);
    expect(prefix.length).toBeLessThan(4);
    const klOf = (length: number) => prefix.tried.find((one) => one.length === length)?.kl;
    expect(klOf(prefix.length)).toBeLessThanOrEqual(bound);
    expect(klOf(prefix.length + 1)).toBeGreaterThan(bound);
    expect((await run({ ...over, bound: 100 })).answer.prefixes[0]).toMatchObject({ length: 4, bound: 100 });
  });
});

describe("mixes", () => {
  const rule = (recipe: string) => `*.0.*_proj.weight=${recipe}`;
  const mix = (name: string, kind: MixToMeasure["kind"], weights: string, predicted: number | null = null) => ({
    ...{ name, kind, weights, predicted },
  });

  it("are measured as lm does, paired with the chosen one, and one that does not fit says why", async () => {
    const parts: MeasurePart[] = [];
    const answer = await measureMixes(
      setup,
      {
        ...usual,
        mixes: [
          mix("all alike", "uniform", rule("int3/128")),
          mix("chosen", "chosen", rule("int4/128"), 0.002),
          mix("none", "file", "*=gptq+int3/128"),
        ],
      },
      { signal: new AbortController().signal, progress() {}, give: (part) => parts.push(part) },
    );
    const { figures } = await runLm(setup, { a: weights(rule("int3/128")), b: weights(rule("int4/128")), tokens: 32 });
    const [uniform, chosen, none] = answer.mixes;
    expect(parts.map((part) => (part.part === "mix" ? part.index : part.part))).toEqual(["plan", 1, 0, 2]);
    expect(uniform).toMatchObject({ kl: figures.a!.kl, failed: null, recipe: rule("int3/128") });
    expect(chosen).toMatchObject({ kl: figures.b!.kl, against: null });
    expect(uniform.against).toEqual(figures.difference!.kl);
    expect(uniform.against!.stderr).toBeGreaterThan(0);
    expect(none.failed).toMatch(/gptq/);
    expect(none.kl).toEqual({ value: null, stderr: null });
    // int4 takes more bits than int3, and is better.
    expect(answer.uniform).toMatchObject({ index: 0, worse: false, by: { value: -uniform.against!.value! } });
    expect(answer.additivity!.chosen).toBeCloseTo(1 - 0.002 / chosen.kl.value!, 12);
  });

  const measured = (kind: MixToMeasure["kind"], bitsPerWeight: number, kl: number | null, against: number | null) =>
    ({
      name: kind,
      kind,
      bitsPerWeight,
      kl: { value: kl, stderr: null },
      predicted: 1,
      against: against === null ? null : { value: against, stderr: 0.1 },
    }) as MeasuredMix;

  it("that are worse than a uniform one of no more bits are told so", () => {
    const chosen = measured("chosen", 3.5, 2, null);
    const [dearer, better, worse] = [
      measured("uniform", 4, 0.1, -1.9),
      measured("uniform", 3.5, 1, -1),
      measured("uniform", 3, 3, 1),
    ];
    expect(againstUniform([dearer, chosen, worse, better])).toMatchObject({
      index: 3,
      worse: true,
      by: { value: 1, stderr: 0.1 },
    });
    expect(againstUniform([dearer, chosen, worse])).toMatchObject({ index: 2, worse: false, by: { value: -1 } });
    expect(againstUniform([dearer, chosen])).toBeNull();
    expect(againstUniform([better, measured("chosen", 3.5, null, null)])).toBeNull();
  });

  it("say how far sums are from what was measured", () => {
    const [double, half] = [measured("chosen", 3, 2, null), measured("uniform", 3, 0.5, null)];
    expect(additivityOf([double, half])).toEqual({ mixes: 2, logError: Math.log(2), chosen: 0.5 });
    expect(
      additivityOf([
        { ...double, predicted: null },
        { ...half, predicted: 0 },
      ]),
    ).toBeNull();
  });
});
