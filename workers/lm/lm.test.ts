import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Network } from "../../kernels/network/index.ts";
import { NetworkLostError } from "../../kernels/network/index.ts";
import { RunningModel } from "../models/running.ts";
import { textOf } from "../models/text/origin.ts";
import { attentionOf } from "./attention.ts";
import { continueText } from "./continue.ts";
import { judging, openSample, runLm, setupOf, weights } from "./open-for-test.ts";
import { NO_RECIPE } from "./recipe.ts";
import type { LmSetup } from "./setup.ts";

const signal = new AbortController().signal;
const minutes = { timeout: 180_000 };

let setup: ReturnType<typeof setupOf>;
beforeAll(async () => {
  setup = setupOf(await openSample());
});
afterAll(async () => {
  await setup.machines.end();
  setup.model.source.close();
});

/** Calls of a machine and of the quantizer while `work` runs. */
async function counted(of: LmSetup, work: () => Promise<unknown>) {
  const { network } = await of.running("wasm");
  const spies = {
    layers: vi.spyOn(network, "layer"),
    loads: vi.spyOn(network, "load"),
    quantized: vi.spyOn(of.runs, "quantized"),
  };
  try {
    await work();
    return Object.fromEntries(Object.entries(spies).map(([name, { mock }]) => [name, mock.calls.length]));
  } finally {
    for (const spy of Object.values(spies)) spy.mockRestore();
  }
}

describe("a model under rules", () => {
  it("is told before it runs, tensor by tensor, and window by window", minutes, async () => {
    const progress: string[] = [];
    const { parts, windows, tensors, answer, figures } = await runLm(
      setup,
      { a: weights("*layers.5.mlp.down_proj*=int2/128"), tokens: 128 },
      { progress: ({ done, total, phase }) => progress.push(`${phase} ${done}/${total}`) },
    );
    expect(parts.map(({ part }) => part).filter((part, i, all) => part !== all[i - 1])).toEqual([
      "plan",
      "tensor",
      "window",
      "plan",
      "window",
      "noise",
    ]);
    expect(parts[0]).toMatchObject({
      plan: { windows: 2, windowsInAll: 71, predictions: 256, streamed: false, device: "wasm", overlap: null },
    });
    expect(tensors).toMatchObject([
      {
        side: "a",
        name: "model.layers.5.mlp.down_proj.weight",
        layer: 5,
        recipe: "int2/128",
        bitsPerWeight: 2.25,
        broken: 0,
      },
    ]);
    expect(progress).toContain("windows 2/2");
    for (const { choices, chosen, nll, targets, a } of windows) {
      for (const [i, token] of targets.entries()) {
        for (const own of [choices, a!.choices]) expect(chosen.get(own.tokens[i])).toEqual(expect.any(String));
        expect(a!.same[i]).toBe(choices.tokens[i] === a!.choices.tokens[i] ? 1 : 0);
        // The right token is as likely as the first choice where it is it, and less likely elsewhere.
        if (choices.tokens[i] === token) expect(Math.exp(-nll[i])).toBeCloseTo(choices.p[i], 12);
        else expect(Math.exp(-nll[i])).toBeLessThanOrEqual(choices.p[i]);
      }
    }
    // 196,608 of 5,770,496 weights at 2.25 bits, the rest at 16.
    expect(answer.a).toMatchObject({
      touched: 1,
      weights: 56,
      recipe: { weights: "*layers.5.mlp.down_proj*=int2/128" },
    });
    expect(answer.a!.bitsPerWeight).toBeCloseTo(16 - (13.75 * 196608) / 5770496, 10);
    expect(answer.bitsPerWeight).toBe(16);
    expect(windows.map(({ pieces, targets }) => [pieces.length, targets.length])).toEqual([
      [128, 128],
      [128, 128],
    ]);
    expect(figures.a!.kl.value).toBeGreaterThan(1000 * answer.noise!.kl);
    expect(answer.noise!.kl).toBeLessThan(1e-9);
  });

  it("without rules is the model as it is: no difference, which is called none", minutes, async () => {
    const { figures } = await runLm(setup, { a: weights(""), b: weights("*=keep"), tokens: 128 });
    for (const side of [figures.a!, figures.b!]) {
      expect(side).toMatchObject({
        kl: { value: 0 },
        klMax: { value: 0 },
        topOne: { value: 1 },
        nllChange: { value: 0 },
      });
      expect(side.change.rms.value).toBe(0);
    }
  });

  it("costs what a changed rule touches", minutes, async () => {
    const own = setupOf(await openSample());
    const rules = (of: string) => weights(`*layers.4.mlp.up_proj*=${of};*layers.5.mlp.*=int3/128`);
    const run = (of: string, b = false) => runLm(own, { a: rules(of), b: b ? rules("int8/128") : null, tokens: 64 });
    const first = await counted(own, () => run("int4/128"));
    // Two windows: six layers as it is, and the two that are touched, of which only one behind that quantized first.
    expect(first).toEqual({ layers: 2 * (6 + 2), loads: 7 + 2, quantized: 4 });
    expect(await counted(own, () => run("int4/128"))).toEqual({ layers: 0, loads: 0, quantized: 0 });
    // Layers before the touched ones are the same as of the model as it is, whose end is known: the side passes all of them.
    expect(await counted(own, () => run("int2/128"))).toEqual({ layers: 2 * 6, loads: 1, quantized: 1 });
    const both = await counted(own, () => run("int2/128", true));
    expect(both).toEqual({ layers: 2 * 6, loads: 1, quantized: 1 });
    await own.machines.end();
    own.model.source.close();
  });

  it("passes layer by layer where it does not fit, with the same figures to the bit", minutes, async () => {
    const asked = { a: weights("*proj*=int4/128"), b: { ...NO_RECIPE, activations: "int8/row" }, tokens: 128 };
    const own = setupOf(setup.model);
    const held = await runLm(own, asked);
    const other = setupOf(setup.model);
    const reads = vi.spyOn(setup.model, "weights");
    const streamed = await runLm(other, { ...asked, budget: 48e6 });
    reads.mockRestore();
    expect([held.answer.plan.streamed, streamed.answer.plan.streamed]).toEqual([false, true]);
    expect(streamed.answer.plan.bytesHeld).toBeLessThan(48e6);
    expect(streamed.windows).toEqual(held.windows);
    expect(streamed.answer.a).toEqual(held.answer.a);
    expect(streamed.answer.noise).toEqual(held.answer.noise);
    await expect(runLm(other, { ...asked, most: 30, budget: 50e6 })).rejects.toThrow(
      /^Llama.*: 30 windows take .* 50 MB are allowed. \d+ windows fit, or allow more.$/,
    );
    await expect(runLm(other, { ...asked, budget: 1e6 })).rejects.toThrow(/Layer by layer, with one window, it takes/);
    await Promise.all([own.machines.end(), other.machines.end()]);
  });

  it("stops when it is cancelled, and what was given stays right", minutes, async () => {
    const cancel = new AbortController();
    const given: number[] = [];
    const running = runLm(
      setup,
      { a: weights("*proj*=int5/128"), most: null },
      {
        signal: cancel.signal,
        give(part) {
          if (part.part !== "window") return;
          given.push(part.window.index);
          cancel.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(given).toEqual([0]);
    // The model is still there, and so is what was computed.
    const again = await runLm(setup, {
      a: weights("*proj*=int5/128"),
      most: 1,
      text: textOf(judging.text.slice(0, 3000), "short"),
    });
    expect(again.figures.windows).toBe(1);
  });

  it("goes on without a GPU that is lost between windows", minutes, async () => {
    const own = setupOf(setup.model);
    const usual = await own.running("wasm");
    let calls = 0;
    const flaky: Network = new Proxy(usual.network, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== "function") return key === "device" ? "webgpu" : value;
        if (key !== "layer") return value.bind(target);
        return (...args: Parameters<Network["layer"]>) => {
          if (++calls > 2 * 12 + 4) throw new NetworkLostError("The GPU was lost: a test took it.");
          return target.layer(...args);
        };
      },
    });
    const lost: LmSetup = {
      ...own,
      running: async (device) => (device === "webgpu" ? new RunningModel(own.model, flaky) : own.running(device)),
      other: () => own.other("wasm"),
    };
    const asked = { a: weights("*proj*=int4/128"), tokens: 64, most: 4 };
    const { answer, windows } = await runLm(lost, { ...asked, device: "webgpu" });
    expect(answer.notes).toEqual(["The GPU was lost: a test took it. The processor goes on."]);
    expect(answer.plan.device).toBe("wasm");
    const plain = await runLm(own, asked);
    expect(windows).toEqual(plain.windows);
    await own.machines.end();
  });
});

describe("inputs and caches", () => {
  const kl = async (side: Partial<typeof NO_RECIPE>) => {
    const { figures } = await runLm(setup, { a: { ...NO_RECIPE, ...side }, tokens: 128, most: 2 });
    return figures.a!.kl.value!;
  };

  it("are quantized by rules of their own: finer ones change less, and by what they name alone", minutes, async () => {
    const [eight, four, some] = [
      await kl({ activations: "int8/row" }),
      await kl({ activations: "int4/row" }),
      await kl({ activations: "*layers.0.*=int4/row" }),
    ];
    expect(eight).toBeGreaterThan(0);
    expect(eight).toBeLessThan(0.01);
    expect(four).toBeGreaterThan(20 * eight);
    expect(some).toBeLessThan(four);
    const [keys, values, both] = [
      await kl({ cache: "*keys*=int2/row" }),
      await kl({ cache: "*values*=int2/row" }),
      await kl({ cache: "int2/row" }),
    ];
    expect(Math.min(keys, values)).toBeGreaterThan(1e-4);
    expect(both).toBeGreaterThan(Math.max(keys, values));
    expect(await kl({ cache: "*layers.3.self_attn.keys.1=int2/row" })).toBeLessThan(keys);
  });

  it(
    "meet a weight's transforms first: a rotation of weights and inputs alike changes nothing by itself",
    minutes,
    async () => {
      const rotated = await kl({
        weights: "*gate_proj*=rht(128,seed=1)+int8/row;*up_proj*=rht(128,seed=1)+int8/row",
        activations: "*gate_proj*=int8/row;*up_proj*=int8/row",
      });
      expect(rotated).toBeGreaterThan(0);
      expect(rotated).toBeLessThan(0.005);
    },
  );

  it("say which of them a recipe does not fit", minutes, async () => {
    await expect(kl({ weights: "*q_proj*=gptq+int4/128" })).rejects.toThrow(
      /^model\.layers\.0\.self_attn\.q_proj\.weight: gptq\+int4\/128: gptq needs a calibration/,
    );
    await expect(
      kl({ activations: "*q_proj*=static int8/tensor;*k_proj*=static int8/tensor;*v_proj*=static int8/tensor" }),
    ).rejects.toThrow(/inputs of .*q_proj.*needs a calibration/);
    await expect(kl({ weights: "*nothing" })).rejects.toThrow(/unexpected "\*"/);
  });
});

describe("figures that cannot be had", () => {
  it("are not given: logits that are not finite are counted", minutes, async () => {
    const { figures } = await runLm(setup, {
      a: weights("model.norm.weight=e4m3(sat=nan)/tensor~expr(amax/2000)"),
      tokens: 64,
      most: 1,
    });
    expect(figures.a!.broken).toBe(64);
    expect(figures.a!.kl.value).toBeNull();
    expect(figures.base.nll.value).not.toBeNull();
  });

  it("are refused: a text of one token, a window that is too long", minutes, async () => {
    await expect(runLm(setup, { text: textOf("", "nothing") })).rejects.toThrow("The text is one token");
    await expect(runLm(setup, { tokens: 0 })).rejects.toThrow(/at least one token/);
  });
});

describe("what a model writes", () => {
  it("is told with the first token that differs", minutes, async () => {
    const parts: string[] = [];
    const asked = { prompt: "Fellow citizens of the", tokens: 6, device: "wasm" as const, definitions: [] };
    const answer = await continueText(
      setup,
      { ...asked, a: weights("*proj*=int8/128"), b: weights("*proj*=int2/128") },
      { signal, progress() {}, give: ({ writer, piece }) => parts.push(`${writer}${piece}`) },
    );
    expect(answer.base.tokens).toHaveLength(6);
    expect(answer.base.text).toMatch(/^ [A-Z]?[a-z]+/);
    expect(answer.a).toMatchObject({ differs: null, end: "length" });
    expect(answer.b!.differs).not.toBeNull();
    const at = answer.b!.differs!;
    expect([...answer.b!.tokens.slice(0, at)]).toEqual([...answer.base.tokens.slice(0, at)]);
    expect(answer.b!.tokens[at]).not.toBe(answer.base.tokens[at]);
    expect(parts).toHaveLength(18);
    await expect(
      continueText(setup, { ...asked, tokens: 0, a: null, b: null }, { signal, progress() {}, give() {} }),
    ).rejects.toThrow(/1 to 4096 tokens, not 0/);
  });
});

describe("attention of a layer", () => {
  it("is given head by head: queries, keys and values from which what the layer mixes follows", minutes, async () => {
    const layer = 2;
    const text = textOf(judging.text.slice(0, 90), "a sentence");
    const ids = Uint32Array.of(0, ...setup.model.tokenizer!.encode(text.text)).slice(0, -1);
    const tokens = ids.length;
    const windows = { tokens: 512, stride: 512, most: null, seed: 0 };
    const asked = { text, windows, layer, heads: [3, 5] as [number, number], device: "wasm" as const };
    const answer = await attentionOf(setup, asked, { signal, progress() {} });
    expect(answer).toMatchObject({ tokens, headWidth: 32, cap: null, span: null });
    expect(answer.heads.map(({ head, keyValueHead }) => [head, keyValueHead])).toEqual([
      [3, 1],
      [4, 2],
    ]);
    // What the layer itself mixes: the input of its output matrix.
    const { network } = await setup.running("wasm");
    const running = await setup.running("wasm");
    let hidden = await network.embed(await running.held("ends", signal), ids);
    let mixed: Float32Array = new Float32Array();
    for (let i = 0; i <= layer; i++) {
      hidden = await network.layer(i, await running.held(i, signal), hidden, {
        wants: ({ name, kind }) => i === layer && kind === "input" && name.endsWith("o_proj"),
        at: async (_, values) => {
          mixed = values.slice();
          return undefined;
        },
      });
    }
    for (const { head, queries, keys, values } of answer.heads) {
      for (let t = 0; t < tokens; t++) {
        const scores = Array.from({ length: t + 1 }, (_, s) => {
          let dot = 0;
          for (let c = 0; c < 32; c++) dot += queries[t * 32 + c] * keys[s * 32 + c];
          return Math.exp(dot * answer.scale);
        });
        const sum = scores.reduce((a, b) => a + b, 0);
        for (let c = 0; c < 32; c++) {
          const wanted = scores.reduce((all, p, s) => all + (p / sum) * values[s * 32 + c], 0);
          expect(mixed[t * 256 + head * 32 + c]).toBeCloseTo(wanted, 4);
        }
      }
    }
    await expect(attentionOf(setup, { ...asked, layer: 6 }, { signal, progress() {} })).rejects.toThrow(
      /layers 0 to 5, and no layer 6/,
    );
    await expect(attentionOf(setup, { ...asked, heads: [7, 9] }, { signal, progress() {} })).rejects.toThrow(
      /heads 0 to 7, and no heads 7 to 8/,
    );
  });
});
