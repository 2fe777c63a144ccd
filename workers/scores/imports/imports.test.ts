import { describe, expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { datImatrix, ggufImatrix } from "../../calibration/imatrix/write-for-test.ts";
import type { SourceInfo } from "../../sources/info.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { defaultView } from "../../tensors/tensor.ts";
import { readScores } from "../file.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { tableOf } from "../table.ts";
import type { ScoreFile } from "../types.ts";
import { withSignals } from "./beside.ts";
import { importScores } from "./index.ts";

const tensor = (name: string, shape: number[]): TensorInfo => {
  const elements = shape.reduce((a, b) => a * b, 1);
  const bytes = { file: "f", begin: 0, end: 2 * elements };
  return { name, dtype: "BF16", shape, elements, bytes, view: defaultView(shape) };
};
const sourceOf = (tensors: TensorInfo[]): SourceInfo => ({
  ...{ id: "s", label: "tiny", kind: "safetensors", tensors, notes: [], fingerprints: [], metadata: {} },
});
const layer = (l: number) => [
  tensor(`model.layers.${l}.self_attn.q_proj.weight`, [32, 32]),
  tensor(`model.layers.${l}.self_attn.k_proj.weight`, [16, 32]),
  tensor(`model.layers.${l}.self_attn.v_proj.weight`, [16, 32]),
  tensor(`model.layers.${l}.mlp.down_proj.weight`, [32, 64]),
  tensor(`model.layers.${l}.input_layernorm.weight`, [32]),
];
const info = sourceOf([...layer(0), ...layer(1), tensor("lm_head.weight", [48, 32])]);

const bytesOf = (text: string) => new TextEncoder().encode(text);
const { signal } = new AbortController();
const imported = (name: string, content: unknown): Promise<ScoreFile> => {
  const bytes =
    content instanceof Uint8Array ? content : bytesOf(typeof content === "string" ? content : JSON.stringify(content));
  return importScores(memorySource(`folder/${name}`, bytes), info, signal);
};
const q = (l: number) => `model.layers.${l}.self_attn.q_proj`;
const k = (l: number) => `model.layers.${l}.self_attn.k_proj`;
const v = (l: number) => `model.layers.${l}.self_attn.v_proj`;
const down = (l: number) => `model.layers.${l}.mlp.down_proj`;

describe("MLX's sensitivities", () => {
  const list = [0, 1].flatMap((l) => [
    [q(l), 0.5 + l],
    [k(l), 0.25],
    [v(l), -0.125],
    [down(l), 3],
  ]);

  test("are one figure a tensor, by its name", async () => {
    const file = await imported("a_sensitivities.json", [...list, ["lm_head", 7], ["model.embed_tokens", 1]]);
    expect(file.tensors.map(({ name }) => name)).toEqual(
      info.tensors.map(({ name }) => name).filter((name) => !name.includes("norm")),
    );
    expect(file.signals.mlx.values.flat()).toEqual([0.5, 0.25, -0.125, 3, 1.5, 0.25, -0.125, 3, 7]);
    expect(file.notes).toEqual(["a_sensitivities.json: 1 of 10 names stand for no tensor of it (model.embed_tokens)"]);
    expect(file.tensors[3]).toMatchObject({ layer: 0, role: "down_proj", elements: 2048, rowsRead: 0 });
    // What is written is what is read.
    expect(readScores(JSON.stringify(file), "again")).toEqual(file);
    expect(() => tableOf(file, "mlx")).toThrow("one figure for a tensor");
  });

  test("that are not finite are no figures, as Python writes them", async () => {
    const file = await imported("m.json", `[["${q(0)}", NaN], ["${k(0)}", -Infinity], ["${v(0)}", 1e-3]]`);
    expect(file.signals.mlx.values).toEqual([[null], [null], [0.001]]);
    expect(file.notes.at(-1)).toBe(`m.json: 2 sensitivities are not finite, as that of ${q(0)}`);
    await expect(imported("m.json", [[q(0), "much"]])).rejects.toThrow(`the sensitivity of ${q(0)} is "much"`);
  });

  test("of another checkpoint are refused, with what does not fit", async () => {
    const other = Array.from({ length: 9 }, (_, i) => [`model.layers.${i}.self_attn.q_proj`, 1]);
    await expect(imported("m.json", other)).rejects.toThrow(
      "m.json is of another checkpoint than tiny: 7 of 9 names stand for no tensor of it (model.layers.2.self_attn.q_proj, model.layers.3.self_attn.q_proj, model.layers.4.self_attn.q_proj ...).",
    );
  });
});

describe("ExLlamaV3's measurement", () => {
  /** Bits of models: 3.06 and 4.06, so codes and 0.06 beside. */
  const groups = [0, 1].flatMap((l) => [
    {
      idx: 3 * l,
      layers: [q(l), k(l), v(l)],
      candidates: [
        { dkld: -0.004 * (l + 1), dbits: 2048 },
        { dkld: -0.006, dbits: 6144 },
      ],
    },
    {
      idx: 3 * l + 1,
      layers: [down(l)],
      candidates: [
        { dkld: 0.001, dbits: 2048 },
        { dkld: -0.001, dbits: 6144 },
      ],
    },
  ]);
  const measurement = {
    base: { dir: "m-3.0", bpw: 3.06 },
    alts: [
      { dir: "m-4.0", bpw: 4.06 },
      { dir: "m-6.0", bpw: 6.06 },
    ],
    groups,
    base_kld: 0.05,
    arch_string: "LlamaForCausalLM",
  };

  test("is a change of the divergence under each model's bits, shared out by size in a group", async () => {
    const file = await imported("measurement.json", measurement);
    expect(file.recipes).toEqual(["exl3(3)", "exl3(4)", "exl3(6)"]);
    const [qs, ks, vs, downs] = file.signals.exl3.values;
    expect(qs).toEqual([0, -0.002, -0.003]);
    expect(ks).toEqual([0, -0.001, -0.0015]);
    expect(vs).toEqual(ks);
    expect(downs).toEqual([0, 0.001, -0.001]);
    expect(file.tensors[0].bits).toEqual([3, 4, 6].map((bits) => 1024 * bits + 32));
    expect(file.notes).toEqual([
      "measurement.json: 1 of 9 tensors have no score in it (lm_head.weight)",
      "measurement.json: 2 groups of several tensors were measured as one; each tensor has the share of its size of what was measured",
    ]);
    const { loss, choices } = tableOf(file, "exl3", { keep: false });
    expect(choices).toEqual(file.recipes);
    expect([...loss.slice(0, 3)]).toEqual(qs);
    expect(readScores(JSON.stringify(file), "again")).toEqual(file);
  });

  test("of tensors of another size is refused", async () => {
    const larger = groups.map((one) => ({
      ...one,
      candidates: one.candidates.map((c) => ({ ...c, dbits: 16 * c.dbits })),
    }));
    await expect(imported("measurement.json", { ...measurement, groups: larger })).rejects.toThrow(
      "measurement.json is of another checkpoint than tiny: 8 of 8 are of another size",
    );
  });

  test("leaves models out that are mixes, and needs a base that is none", async () => {
    const alts = [{ dir: "m-4.0", bpw: 4.5 }, measurement.alts[1]];
    const candidates = [
      { dkld: -0.1, dbits: 2949 },
      { dkld: -0.2, dbits: 6144 },
    ];
    const file = await imported("m.json", { ...measurement, alts, groups: [{ layers: [down(0)], candidates }] });
    expect(file.recipes).toEqual(["exl3(3)", "exl3(6)"]);
    expect(file.signals.exl3.values).toEqual([[0, -0.2]]);
    expect(file.notes[0]).toBe("m.json: the model of 4.50 bits a weight is left out: no one recipe makes it");
    const mixed = { ...measurement, base: { dir: "", bpw: 3.4 } };
    await expect(imported("m.json", mixed)).rejects.toThrow("its base has 3.40 bits a weight, so it is a mix itself");
  });

  test.each([
    [{ ...measurement, base: {} }, '"base" has no bits a weight'],
    [{ ...measurement, alts: [] }, '"alts" are no models'],
    [{ ...measurement, base_kld: "x" }, '"base_kld" is no number'],
    [{ ...measurement, groups: [{ layers: [] }] }, "group 0 names no layers"],
    [{ ...measurement, groups: [{ layers: [q(0)], candidates: [] }] }, "group 0 has 0 candidates for 2 models"],
    [
      {
        ...measurement,
        groups: [
          {
            layers: [q(0)],
            candidates: [
              { dkld: 1, dbits: 1 },
              { dkld: "x", dbits: 1 },
            ],
          },
        ],
      },
      'candidate 1 of group 0 has no "dkld" and "dbits" that are numbers',
    ],
  ])("that is damaged says where (%#)", async (json, words) => {
    await expect(imported("m.json", json)).rejects.toThrow(words);
  });
});

describe("an importance matrix", () => {
  const entry = (name: string, cols: number, loud = 1) => ({
    name,
    sums: [Array.from({ length: cols }, (_, j) => (j === 0 ? loud : 1))],
    counts: [1],
  });
  const entries = [
    entry("blk.0.attn_q.weight", 32, 33),
    entry("blk.0.attn_k.weight", 32),
    entry("blk.1.ffn_down.weight", 64),
  ];

  test.each([
    ["GGUF", ggufImatrix],
    ["the form before it", datImatrix],
  ])("says what the tensors' inputs are (%s)", async (_, write) => {
    const file = await imported("imatrix", write(entries));
    expect(file.tensors.map(({ name }) => name)).toEqual([`${q(0)}.weight`, `${k(0)}.weight`, `${down(1)}.weight`]);
    expect(file.signals.energy.values).toEqual([[64], [32], [64]]);
    expect(file.signals.energyEntropy.values[1][0]).toBeCloseTo(1, 12);
    expect(file.signals.loudChannels.values[0][0]).toBeCloseTo(1 / 32, 12);
    expect(file.notes.at(-1)).toContain("6 of 9 tensors have no score in it");
  });

  test("of another width is refused", async () => {
    const wide = entries.map(({ name }) => entry(name, 40));
    await expect(imported("imatrix.gguf", ggufImatrix(wide))).rejects.toThrow(
      "imatrix.gguf is of another checkpoint than tiny: 3 of 3 are of another size (blk.0.attn_q.weight of 40 columns",
    );
  });
});

describe("what else comes", () => {
  test("scores made here are taken as they are, where they are of this checkpoint", async () => {
    const own = await imported("a.json", [[q(0), 1]]);
    expect(await imported("own.json", own)).toEqual(own);
    const other = { ...own, fingerprint: { ...own.fingerprint, digest: "0".repeat(32) } };
    await expect(imported("own.json", other)).rejects.toThrow("scores of another checkpoint");
    expect(own.fingerprint).toEqual(fingerprintOf(info));
  });

  test.each([
    ["empty.json", ""],
    ["text.txt", "Q4_K_M everywhere"],
    ["object.json", "{}"],
    ["numbers.json", "[1, 2]"],
  ])("%s is refused, with what is known", async (name, text) => {
    await expect(imported(name, text)).rejects.toThrow("Known are a file of scores made here, ExLlamaV3's");
  });
  test("JSON that is cut off is told", async () => {
    await expect(imported("m.json", '[["a", 1], [')).rejects.toThrow("m.json is no JSON that can be read");
  });

  test("its signals stand beside those that there are", async () => {
    const bare = await imported(
      "a.json",
      [q(0), k(0), v(0)].map((name) => [name, 1]),
    );
    const scores: ScoreFile = {
      ...bare,
      recipes: ["int4/32", "int8/32"],
      signals: { nmse: { values: bare.tensors.map(() => [0.1, 0.01]), about: "" } },
    };
    const more = await imported("b.json", [
      [k(0), 5],
      [q(0), 7],
    ]);
    const both = withSignals(scores, more);
    expect(Object.keys(both.signals)).toEqual(["nmse", "mlx"]);
    expect(both.signals.mlx.values).toEqual([[7], [5], [null]]);
    const other = {
      ...scores,
      recipes: ["int8/32", "e4m3"],
      signals: { kl: { values: scores.signals.nmse.values, about: "" } },
    };
    expect(withSignals(scores, other).signals.kl.values[0]).toEqual([null, 0.1]);
    expect(() => withSignals(scores, { ...other, recipes: ["e4m3", "e5m2"] })).toThrow("No recipe of tiny's scores");
  });
});
