import "../../kernels/notation/all.ts";
import { describe, expect, it } from "vitest";
import { factsFor, fileOf, known, readScores, rowsOf } from "./file.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { asked, scored, sourceOf } from "./for-test.ts";
import { planOf } from "./plan.ts";

const made = [
  { name: "layers.0.attention.wq.weight", shape: [8, 64] },
  { name: "layers.1.attention.wq.weight", shape: [8, 64] },
];
const source = sourceOf(made);
const request = asked("int3/32;int4/32", { signals: ["nmse", "weighted"] });
const scores = await scored(source, request);
const text = JSON.stringify(scores);
const facts = async (other = source, more = request) =>
  factsFor(await planOf(other.info, more), more, other.info.label, null);
const own = await facts();
const plan = await planOf(source.info, request);

/** The file as it was when these tensors were done. */
const scoresOf = (names: string[]) =>
  fileOf(
    own,
    rowsOf(scores).filter(({ tensor }) => names.includes(tensor.name)),
    { planned: plan.tensors, signals: request.signals },
  );

describe("a file of scores", () => {
  it("comes back as it was, to the bit", () => {
    expect(readScores(text, "scores.json")).toEqual(scores);
  });

  it("is gone on with where it was left: tensors that it has are not measured again", async () => {
    const half = scoresOf([made[0].name]);
    const file = readScores(JSON.stringify(half), "scores.json");
    // The budget of a whole model has what is not scored yet as well.
    const one = { why: "not scored yet", names: 1, elements: 512, storedBits: 16384 };
    expect([half.leftOut, scores.leftOut]).toEqual([[one], []]);
    expect(known(file, own, plan, request.signals).map(({ tensor }) => tensor.name)).toEqual([made[0].name]);
    // Other recipes, rows or seeds are another measurement.
    const other = asked("int4/32");
    expect(known(file, await facts(source, other), await planOf(source.info, other), ["nmse"])).toEqual([]);
    expect(known(file, own, plan, ["nmse", "kurtosis"])).toEqual([]);
  });

  it("of another checkpoint is refused, with both fingerprints", async () => {
    const other = sourceOf([made[0], { ...made[1], shape: [8, 32] }], "other");
    const [mine, theirs] = [fingerprintOf(source.info), fingerprintOf(other.info)].map(({ digest }) =>
      digest.slice(0, 8),
    );
    const [theirFacts, theirPlan] = [await facts(other), await planOf(other.info, request)];
    expect(() => known(scores, theirFacts, theirPlan, ["nmse"])).toThrow(
      `These are scores of another checkpoint: of made (${mine}), and other (${theirs}) is open; its tensors differ.`,
    );
    const tuned = { ...scores, fingerprint: { ...scores.fingerprint, content: "0".repeat(32) } };
    const here = { ...own, fingerprint: { ...own.fingerprint, content: "1".repeat(32) } };
    expect(() => known(tuned, here, plan, ["nmse"])).toThrow(/called alike, and their values differ/);
  });

  /** The file with something else (or nothing) in a place. */
  const changed = (path: string, value: unknown) => {
    const file = JSON.parse(text);
    const keys = path.split(".");
    const owner = keys.slice(0, -1).reduce((at, key) => at[key], file);
    owner[keys[keys.length - 1]] = value;
    return JSON.stringify(file);
  };
  const layer = { name: "a", layer: 0, elements: 8, storedBits: 128, bits: [64], refused: [null] };
  const cache = {
    ...{ context: 4, recipes: ["int8/32"], layers: [layer], notes: [] },
    signals: { kl: { values: [[0.1]], error: [[null]], about: "" } },
  };
  it("keeps the cache's scores", () => {
    expect(readScores(changed("cache", cache), "scores.json").cache).toEqual(cache);
  });
  it.each<[string, string, RegExp]>([
    [
      "with a cache of no context",
      changed("cache", { ...cache, context: 0 }),
      /cache: "context" is no count of tokens/,
    ],
    [
      "with a cache's bits that are none",
      changed("cache", { ...cache, layers: [{ ...layer, bits: [] }] }),
      /a: "bits"/,
    ],
    ["with too few figures of a cache", changed("cache", { ...cache, layers: [layer, layer] }), /kl has no row of/],
    ["no JSON", text.slice(0, 99), /^scores\.json is no file of scores: it is not JSON/],
    ["something else", '{"kind":"report"}', /its "kind" is not "quantscope-scores"/],
    ["a list", "[]", /its "kind" is not/],
    ["of a later version", changed("version", 9), /it is of version 9, and 1 is known here/],
    ["without a fingerprint", changed("fingerprint", undefined), /it has no fingerprint/],
    ["without recipes", changed("recipes", "int4"), /its recipes are no list of texts/],
    ["without a tensor's name", changed("tensors.1.name", null), /tensor 1 has no name/],
    ["with half a row", changed("tensors.0.bits", [5]), /wq\.weight: "bits" are no 2 counts/],
    ["with bits that are no count", changed("tensors.0.bits.0", -1), /"bits" are no 2 counts/],
    ["with truths that are none", changed("tensors.0.exact.0", 1), /"exact" are no 2 truths/],
    ["with a negative size", changed("tensors.1.elements", -5), /"elements" is no count/],
    ["with too few values", changed("signals.nmse.values", [[1, 2]]), /signals\.nmse\.values is no row of figures/],
    ["with a value that is a text", changed("signals.nmse.values.1.0", "0"), /signals\.nmse\.values\[1\] is no row/],
    ["with weights of another model", changed("signals.nmse.weight", [1]), /signals\.nmse\.weight is no row/],
  ])("is refused where it is %s", (_, damaged, message) => {
    expect(() => readScores(damaged, "scores.json")).toThrow(message);
  });
});
