import { describe, expect, test } from "vitest";
import {
  type Architecture,
  type Loaded,
  type Network,
  openNetwork,
  readArchitecture,
  type Site,
  type Taps,
} from "./index.ts";
import { oracleCases, oracleParts } from "./testing/oracle.ts";

const cases = new Map(oracleCases());
const architectureOf = (name: string) => readArchitecture(cases.get(name)!.config);

interface Ready {
  network: Network;
  architecture: Architecture;
  ends: Loaded;
  layers: Loaded[];
  logits(tokens: Uint32Array, taps?: Taps): Promise<Float32Array>;
}

async function ready(name: string): Promise<Ready> {
  const architecture = architectureOf(name);
  const network = await openNetwork(architecture, { device: "wasm" });
  const ends = await network.load("ends", oracleParts(architecture, "ends"));
  const layers: Loaded[] = [];
  for (let i = 0; i < architecture.layers; i++) layers.push(await network.load(i, oracleParts(architecture, i)));
  return {
    network,
    architecture,
    ends,
    layers,
    async logits(tokens, taps) {
      let hidden = await network.embed(ends, tokens);
      for (const [i, layer] of layers.entries()) {
        const next = await network.layer(i, layer, hidden, taps);
        network.release(hidden);
        hidden = next;
      }
      const all = await network.logits(ends, hidden, 0, tokens.length, taps);
      network.release(hidden);
      return all;
    },
  };
}

const tokensOf = (count: number) => Uint32Array.from({ length: count }, (_, t) => (t * 5 + 3) % 32);

function apart(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const most = b.reduce((m, one) => Math.max(m, Math.abs(one)), 0);
  return b.reduce((m, one, i) => Math.max(m, Math.abs(one - a[i])), 0) / most;
}

describe("what can be looked at", () => {
  test.each([...cases.keys()].filter((name) => name !== "a long window"))("%s: every site, in order", async (name) => {
    const { network, architecture, logits } = await ready(name);
    const tokens = tokensOf(7);
    const plain = await logits(tokens);
    const met: Site[] = [];
    const looked = await logits(tokens, {
      wants: () => true,
      async at(site, values, rows, cols, own) {
        met.push(site);
        expect([values.length, cols]).toEqual([rows * cols, site.cols]);
        expect(rows).toBe(own ? own.length : tokens.length);
        return undefined;
      },
    });
    // In pieces and as one program sums are rounded alike, or nearly so.
    expect(apart(looked, plain)).toBeLessThan(1e-5);
    const layers = Array.from({ length: architecture.layers }, (_, i) => i);
    const all = [...layers, "ends" as const].flatMap((of) => architecture.sites(of));
    const names = met.map((site) => site.name);
    // An expert that no token was sent to is not met.
    expect(names).toEqual(
      all.filter((site) => site.expert === undefined || names.includes(site.name)).map((s) => s.name),
    );
    network.end();
  });

  test("the input of a linear layer times its weight is what it gives", async () => {
    const { network, architecture, logits } = await ready("smollm3");
    const seen = new Map<string, Float32Array>();
    await logits(tokensOf(6), {
      wants: ({ layer }) => layer === 1,
      async at({ name }, values) {
        seen.set(name, values.slice());
        return undefined;
      },
    });
    const { projections, name } = architecture.design(1).attention;
    const { query } = projections as Extract<typeof projections, { query: unknown }>;
    const weight = oracleParts(architecture, 1).get(query.weight)!;
    const x = seen.get(query.weight.replace(".weight", ""))!;
    const product = Float32Array.from({ length: 6 * query.outputs }, (_, at) => {
      const [t, o] = [Math.floor(at / query.outputs), at % query.outputs];
      let sum = 0;
      for (let i = 0; i < query.inputs; i++) sum += x[t * query.inputs + i] * weight[o * query.inputs + i];
      return sum;
    });
    expect(apart(seen.get(`${name}.queries_before_rotation`)!, product)).toBeLessThan(1e-5);
    network.end();
  });

  test("what is put in a site's place is used: attention to nothing but zeros adds nothing", async () => {
    const { network, architecture, ends, layers } = await ready("mistral");
    const hidden = await network.embed(ends, tokensOf(5));
    const zeros: Taps = {
      wants: ({ name }) => /\.(o_proj|down_proj)$/.test(name),
      at: async (_, values) => new Float32Array(values.length),
    };
    const after = await network.layer(0, layers[0], hidden, zeros);
    expect(await network.read(after)).toEqual(await network.read(hidden));
    const short: Taps = { wants: ({ kind }) => kind === "keys", at: async () => new Float32Array(3) };
    await expect(network.layer(0, layers[0], hidden, short)).rejects.toThrow(/3 values cannot stand for the 5 x/);
    expect(architecture.sites(0).map(({ kind }) => kind)).toContain("keys");
    network.end();
  });

  test("each token is sent to as many experts as are chosen", async () => {
    const { network, logits } = await ready("qwen3_moe, shares among the chosen");
    const times = new Uint32Array(9);
    await logits(tokensOf(9), {
      wants: ({ expert, layer, name }) => expert !== undefined && layer === 0 && name.endsWith("gate_proj"),
      async at(_, __, ___, ____, own) {
        for (const token of own!) times[token]++;
        return undefined;
      },
    });
    expect([...times]).toEqual(Array(9).fill(2));
    network.end();
  });
});

test("a token does not see what comes after it, nor the padding", async () => {
  const { network, architecture, logits } = await ready("gemma2");
  const [short, long] = [await logits(tokensOf(5)), await logits(tokensOf(40))];
  expect(apart(short, long.subarray(0, 5 * architecture.vocabulary))).toBeLessThan(1e-5);
  network.end();
});

test("another order of sums is another rounding, and no more", async () => {
  const architecture = architectureOf("olmo2");
  const all: Float32Array[] = [];
  for (const order of ["usual", "other"] as const) {
    const network = await openNetwork(architecture, { device: "wasm", order });
    const ends = await network.load("ends", oracleParts(architecture, "ends"));
    const hidden = await network.embed(ends, tokensOf(8));
    const layer = await network.load(0, oracleParts(architecture, 0));
    all.push(await network.read(await network.layer(0, layer, hidden)));
    network.end();
  }
  expect(all[0]).not.toEqual(all[1]);
  expect(apart(all[0], all[1])).toBeLessThan(1e-5);
});

test("parts that are not given anew are shared, and stay when the first are released", async () => {
  const { network, architecture, ends, layers, logits } = await ready("qwen3");
  const plain = await logits(tokensOf(4));
  const down = architecture.parts(0).find(({ role }) => role === "down_proj")!;
  const values = oracleParts(architecture, 0).get(down.name)!;
  const other = await network.load(0, new Map([[down.name, values.map((one) => one * 2)]]), layers[0]);
  expect(other.bytes).toBe(values.byteLength);
  network.release(layers[0]);
  const hidden = await network.embed(ends, tokensOf(4));
  const changed = await network.read(await network.layer(0, other, hidden));
  const back = await network.load(0, new Map([[down.name, values]]), other);
  layers[0] = back;
  expect(await network.read(await network.layer(0, back, hidden))).not.toEqual(changed);
  expect(await logits(tokensOf(4))).toEqual(plain);
  network.end();
});

test("a weight that is NaN makes logits that are NaN, also of experts, and nothing else fails", async () => {
  for (const name of ["llama, llama3", "qwen3_moe, one layer dense"]) {
    const { network, architecture, layers, logits } = await ready(name);
    const parts = oracleParts(architecture, 0);
    const broken = [...parts].find(([part]) => part.endsWith("q_proj.weight"))!;
    layers[0] = await network.load(0, new Map([[broken[0], broken[1].fill(Number.NaN)]]), layers[0]);
    const all = await logits(tokensOf(6));
    expect(all.every((one) => Number.isNaN(one))).toBe(true);
    network.end();
  }
});

test("what cannot be is refused in words", async () => {
  const { network, architecture, ends, layers } = await ready("gpt2");
  await expect(network.embed(ends, new Uint32Array())).rejects.toThrow(/needs a token/);
  await expect(network.embed(ends, Uint32Array.of(1, 32))).rejects.toThrow(
    "The token 32 is beyond the vocabulary of 32.",
  );
  await expect(network.embed(ends, tokensOf(13))).rejects.toThrow(/13 tokens is longer than the 12 positions/);
  const parts = oracleParts(architecture, 1);
  const [name] = [...parts.keys()].filter((part) => part.endsWith("c_attn.weight"));
  await expect(network.load(1, new Map([...parts].filter(([part]) => part !== name)))).rejects.toThrow(
    `The part ${name} is missing.`,
  );
  await expect(network.load(1, new Map([...parts, [name, new Float32Array(4)]]))).rejects.toThrow(
    /has 4 values, and 48 x 16/,
  );
  const hidden = await network.embed(ends, tokensOf(3));
  await expect(network.logits(ends, hidden, 1, 4)).rejects.toThrow(/no tokens 1 to 4/);
  network.release(hidden);
  await expect(network.layer(0, layers[0], hidden)).rejects.toThrow(/was released/);
  network.end();
});

test.each(["llama", "gemma2"].filter((name) => cases.has(name)))(
  "%s: the divergence of two windows is that of their logits, and its gradient what differences give",
  async (name) => {
    const { network, architecture, ends } = await ready(name);
    const { width, vocabulary } = architecture;
    const rows = 5;
    const noise = (seed: number) => Float32Array.from({ length: rows * width }, (_, i) => Math.sin(seed + 1.7 * i));
    const [h, base] = [noise(1), noise(2)];
    const counts = Float32Array.of(0, 1, 1, 1, 1);
    const of = async (values: Float32Array) => network.write(values, rows);
    const { kl, gradient } = await network.divergence(ends, await of(h), await of(base), counts);
    const logs = async (values: Float32Array) => {
      const logits = await network.logits(ends, await of(values), 0, rows);
      return Array.from({ length: rows }, (_, r) => {
        const row = Array.from(logits.subarray(r * vocabulary, (r + 1) * vocabulary));
        const normal = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
        return row.map((x) => x - normal);
      });
    };
    const p = await logs(base);
    const sumAt = async (values: Float32Array) => {
      const q = await logs(values);
      return p.map((row, r) => counts[r] * row.reduce((sum, x, v) => sum + Math.exp(x) * (x - q[r][v]), 0));
    };
    const wanted = await sumAt(h);
    for (let r = 0; r < rows; r++) expect(kl[r]).toBeCloseTo(wanted[r], 5);
    const by = await network.read(gradient);
    expect(by.subarray(0, width).every((x) => x === 0)).toBe(true);
    const direction = noise(3);
    const step = 1e-2;
    const moved = async (times: number) => {
      const all = await sumAt(h.map((x, i) => x + times * step * direction[i]));
      return all.reduce((a, b) => a + b);
    };
    const slope = ((await moved(1)) - (await moved(-1))) / (2 * step);
    expect(by.reduce((sum, g, i) => sum + g * direction[i], 0) / slope).toBeCloseTo(1, 2);
    network.end();
  },
);
