import "../../kernels/notation/all.ts";
import { describe, expect, it } from "vitest";
import { carried } from "./carry.ts";
import { calibrationFacts, factsFor, fileOf, known, rowsOf } from "./file.ts";
import { asked, scored, sourceOf } from "./for-test.ts";
import { planOf } from "./plan.ts";
import type { ScoreFile } from "./types.ts";

const made = ["layers.0.attention.wq.weight", "layers.1.attention.wq.weight"].map((name) => ({ name, shape: [8, 64] }));
const source = sourceOf(made);
const scoredBy = (recipes: string, more = {}) =>
  scored(source, asked(recipes, { signals: ["nmse", "outlierBlocks"], ...more }));

/** Beside what was scored a run of the model, and another program's figure of each tensor. */
const withOthers = (scores: ScoreFile): ScoreFile => ({
  ...scores,
  signals: {
    ...scores.signals,
    kl: { values: scores.tensors.map(() => scores.recipes.map((_, r) => r + 1)), about: "KL on two windows" },
    energy: { values: scores.tensors.map(() => [7]), about: "from a.imatrix" },
  },
});
const before = withOthers(await scoredBy("int3/32;int4/32"));
const names = async (now: Promise<ScoreFile>, earlier = before) =>
  Object.keys(carried({ ...(await now), signals: { nmse: (await now).signals.nmse } }, earlier).signals);

describe("signals of earlier scores", () => {
  it("stand beside the same recipes, and not beside as many others", async () => {
    expect(await names(scoredBy("int3/32;int4/32"))).toEqual(["nmse", "kl", "energy"]);
    expect(await names(scoredBy("int2/32;int8/32"))).toEqual(["nmse", "energy"]);
  });

  it("of values are none of another seed, share or calibration", async () => {
    const again = await scoredBy("int3/32;int4/32", { signals: ["nmse"], seed: 9 });
    expect(before.signals.outlierBlocks).toBeDefined();
    expect(carried(again, before).signals.outlierBlocks).toBeUndefined();
  });

  it("of a run of the model stay with other inputs where no recipe looks at inputs", async () => {
    const other = { name: "a", kind: "captured", digest: "00" };
    const plain = { ...(await scoredBy("int3/32;int4/32")), calibration: other };
    expect(carried(plain, before).signals.kl).toEqual(before.signals.kl);
    const weighted = withOthers(await scoredBy("q4_k"));
    expect(carried({ ...weighted, calibration: other, signals: {} }, weighted).signals.kl).toBeUndefined();
  });

  it("of keys and values stay beside whatever recipes tensors have", async () => {
    const cache = { context: 8, recipes: ["int8/32"], layers: [], signals: {}, notes: [] };
    const earlier = { ...before, cache };
    expect(carried(await scoredBy("int2/32"), earlier).cache).toEqual(cache);
    expect(carried({ ...before, definitions: ["c=0,1"] }, earlier).cache).toBeUndefined();
  });

  it("of other codebooks or another checkpoint stay behind", () => {
    const bare = { ...before, signals: {} };
    expect(Object.keys(carried({ ...bare, definitions: ["c:=codebook(0,1)"] }, before).signals)).toEqual(["energy"]);
    const fingerprint = { ...before.fingerprint, digest: "f".repeat(32) };
    expect(carried({ ...bare, fingerprint }, before).signals).toEqual({});
  });

  it("keep the words of what they were made on, though all rows are known", async () => {
    const request = asked("int3/32;int4/32", { signals: ["nmse", "outlierBlocks"] });
    const plan = await planOf(source.info, request);
    const facts = factsFor(plan, request, source.info.label, null);
    const rows = known(before, facts, plan, request.signals);
    expect(rows).toHaveLength(2);
    expect(carried(fileOf(facts, rows, { planned: plan.tensors, signals: request.signals }), before)).toEqual(before);
    expect(Object.keys(rowsOf(before)[0].signals)).toEqual(["nmse", "outlierBlocks"]);
  });
});

it("what is known of inputs is told apart by its contents, though it is called alike", async () => {
  const info = { label: "captured", kind: "captured" as const, fingerprints: [{ name: "a", size: 1, digest: "aa" }] };
  const [one, other] = ["aa", "bb"].map((digest) =>
    calibrationFacts({ ...info, fingerprints: [{ ...info.fingerprints[0], digest }] }),
  );
  const request = asked("int3/32;int4/32");
  const plan = await planOf(source.info, request);
  const file = { ...before, calibration: one };
  const count = (calibration: ScoreFile["calibration"]) =>
    known(file, { ...factsFor(plan, request, "made", null), calibration }, plan, ["nmse"]).length;
  expect([count(one), count(other)]).toEqual([2, 0]);
});
