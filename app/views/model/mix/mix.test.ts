import { expect, it } from "vitest";
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import { FREE } from "../../../../workers/frontier/request.ts";
import { readScores } from "../../../../workers/scores/file.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import { bitsOfBudget, budgetOfBits, budgetWords, usualBits } from "./budget.ts";
import { colourOf, scaleOf } from "./colours.ts";
import { printSorting, readSorting, sortedRows } from "./columns.ts";
import { freshKey, isSampled, recipeChoices } from "./fresh.ts";
import type { Ground } from "./ground.ts";
import { limitsOf, parseLeast, parsePins, printLeast, printPins } from "./limits/limits.ts";
import { finished, hasWhole, modelRequest, withFigures } from "./modelScores.ts";
import { tensorPoints } from "./ParetoMarks.tsx";
import { aboveWords, thinned, uniformPoints, usefulRange } from "./points.ts";
import { scoresBlob } from "./scoring.ts";
import { assignedOf } from "./tensors.ts";
import { scoresForTest } from "./testing/scores.ts";
import { moeTensors } from "./testing/tensors.ts";

const tensors = moeTensors(2, 2);
const { count, elements, storedBits } = tensors;
/** int2, int4 and keep; the first tensor takes nothing but keep. */
const table: AllocationTable = {
  items: tensors.names.map((name, i) => ({
    ...{ name, kind: "weight" as const, elements: elements[i], layer: tensors.layer[i] },
    ...{ role: tensors.roles[tensors.role[i]], tie: null, storedBits: storedBits[i] },
  })),
  choices: ["int2", "int4", "keep"],
  loss: Float64Array.from({ length: 3 * count }, (_, k) => (k < 2 ? Number.NaN : [4, 1, 0][k % 3])),
  deviation: null,
  bits: Float64Array.from({ length: 3 * count }, (_, k) => {
    const i = Math.floor(k / 3);
    return [2 * elements[i], 4 * elements[i], storedBits[i]][k % 3];
  }),
  refused: () => null,
};

it("a pin holds for what it means and can be had; the first that means a tensor wins; what is wrong is said", () => {
  const none = { pins: "", first: 0, last: 0, least: "" };
  const { pinned, problems } = limitsOf({ ...none, pins: "*q_proj*=int4;@0-0:q_proj=int2" }, tensors, table);
  expect([...pinned].filter((c) => c !== FREE)).toEqual([1, 1]);
  expect(problems).toEqual([]);
  const wrong = limitsOf({ ...none, pins: "*=int4;*zz*=int2;*=nf4" }, tensors, table).problems;
  expect(wrong).toEqual([
    expect.stringMatching(/^1 of the tensors of \* cannot take int4/),
    expect.stringMatching(/^No tensor is named \*zz\*/),
    expect.stringMatching(/^nf4 is not among/),
  ]);
});

it("kept layers, bits at least and a runtime forbid, each with its reason", () => {
  const asked = { pins: "", first: 1, last: 0, least: "q_proj:3;wings:2" };
  const runtime = (_: number, c: number) => (c === 1 ? "it runs no int4" : null);
  const { forbidden, reasons, problems } = limitsOf(asked, tensors, table, runtime);
  const why = (i: number) => [0, 1, 2].map((c) => reasons[forbidden[3 * i + c]]);
  const [kept, stays] = [1, 3].map((l) =>
    [...tensors.layer].findIndex((of, i) => of === (l === 1 ? 0 : 1) && tensors.roles[tensors.role[i]] === "q_proj"),
  );
  expect(why(kept)).toEqual(["its layer is kept as it is stored", "its layer is kept as it is stored", ""]);
  expect(why(stays)).toEqual(["it has fewer bits than its role must have", "it runs no int4", ""]);
  expect(problems).toEqual([expect.stringMatching(/role wings/)]);
  const all = limitsOf({ ...asked, least: "" }, tensors, table, (_, c) => (c < 2 ? "no" : null)).problems;
  expect(all).toEqual([expect.stringMatching(/runs none of these recipes/)]);
});

it("pins and bounds are read as they are written", () => {
  const pins = [
    { selection: "@0-3:q_proj+k_proj", recipe: "rht(64,seed=1)+int4/64" },
    { selection: "*a*,b", recipe: "keep" },
  ];
  expect(parsePins(printPins(pins))).toEqual(pins);
  const least = [{ role: "down_proj", bits: 4.5 }];
  expect(parseLeast(printLeast(least))).toEqual(least);
  expect([parsePins("=;a=;x"), parseLeast("a;b:c;:3")]).toEqual([[], []]);
});

it("budgets go from unit to unit and back, and cover what is fixed", () => {
  const size = { elements: 1000, fixedBits: 500, cacheBits: 100 };
  for (const unit of ["b", "gb"] as const)
    expect(budgetOfBits(bitsOfBudget(3.25, unit, size), unit, size)).toBeCloseTo(3.25, 12);
  expect(usualBits(800, size, 0, 1e4)).toBe(600 + 3600);
  expect([usualBits(800, size, 5000, 1e4), usualBits(800, size, 0, 10)]).toEqual([6000, 10]);
  expect([budgetWords(4000, "b", size), budgetWords(2.4e10, "gb", size)]).toEqual(["4.000 b", "3.000 GB"]);
});

it("one recipe for all counts what cannot have it as it is stored, and the slider ends at the largest of them", () => {
  const points = uniformPoints(table, tensors, 50);
  const sum = (of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i)).reduce((a, b) => a + b);
  expect(points.map(({ name, without, loss }) => [name, without, loss])).toEqual([
    ["int2", 1, 4 * (count - 1)],
    ["int4", 1, count - 1],
    ["keep", 0, 0],
  ]);
  expect(points[0].bits).toBe(50 + storedBits[0] + sum((i) => (i > 0 ? 2 * elements[i] : 0)));
  const bits = Float64Array.of(points[0].bits, 1e5);
  expect(usefulRange(bits, points, "keep", 0)[1]).toBe(points[1].bits);
  expect(usefulRange(bits, points, "keep", 1e5)[1]).toBe(1e5);
  expect(
    thinned(
      Float64Array.from({ length: 100 }, (_, i) => i),
      5,
    ),
  ).toEqual([0, 24, 49, 74, 99]);
});

it("what is above a loss is a share of it, where that is above zero: measured differences may be below", () => {
  expect(aboveWords(0.5, 2)).toBe("25.0 %");
  expect(aboveWords(0.5, -2)).toBe("0.500");
  expect(aboveWords(0.5, 0)).toBe("0.500");
});

it("shares add up to one, and a gain is the best exchange of bits for loss", () => {
  const choice = Int32Array.from({ length: count }, (_, i) => (i === 0 ? -1 : 0));
  const assigned = assignedOf(table, tensors, choice);
  const total = (of: Float64Array) => of.reduce((a, b) => a + b);
  expect([total(assigned.errorShare), total(assigned.byteShare)]).toEqual([1, 1].map((x) => expect.closeTo(x, 12)));
  expect(assigned.gain[0]).toBe(0);
  expect(assigned.gain[1]).toBeCloseTo(3 / (2 * elements[1]), 12);
  const whole = assignedOf(table, tensors, new Int32Array(count).fill(2));
  expect(whole.errorShare.every(Number.isNaN)).toBe(true);
  const of = { tensors, assigned, choices: table.choices };
  expect([...sortedRows(of, readSorting("-gain"), null)].at(-1)).toBe(0);
  const all = { tensors, assigned: whole, choices: table.choices };
  expect([...sortedRows(all, readSorting("share"), null)]).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(printSorting(readSorting("-bits"))).toBe("-bits");
  expect(readSorting("wings")).toEqual({ key: "name", down: false });
});

it("recipes of a tensor that cannot be had are no points, and such as another beats are on no frontier", () => {
  expect(tensorPoints(table, 0, elements[0]).map(({ choice }) => choice)).toEqual([2]);
  const dear = { ...table, loss: table.loss.map((l, k) => (k === 4 ? 9 : l)) };
  expect(tensorPoints(dear, 1, elements[1]).map(({ best }) => best)).toEqual([true, false, true]);
});

it("fresh rows are for what was sampled, and of what a recipe was chosen for", () => {
  expect([...recipeChoices(Int32Array.of(0, 2, -1, 1), 2)]).toEqual([0, -1, -1, 1]);
  const of = (...read: number[]) => ({
    tensors: scoresForTest(
      read.map((n) => `t${n}`),
      [],
      {},
    ).tensors.map((t, i) => ({ ...t, rows: 4, rowsRead: read[i] })),
  });
  // Pins of two tensors of one shape may be exchanged: as many bits, and another mix.
  expect(freshKey(1, "a pinned", 3)).not.toBe(freshKey(1, "b pinned", 3));
  expect([isSampled(of(4, 4)), isSampled(of(4, 0)), isSampled(of(4, 3))]).toEqual([false, false, true]);
});

it("colours are of what there is: a signal under a recipe, a tensor's own, else the assignment; scales know zero and nothing", () => {
  const scores = scoresForTest(["a", "b"], ["int4/64", "int8/64"], {
    nmse: {
      values: [
        [0.5, 0.25],
        [null, 0.125],
      ],
    },
    kurtosis: { values: [[3], [4]] },
  });
  expect([...colourOf("=nmse=int8/64", scores, null)!.values]).toEqual([0.25, 0.125]);
  expect([...colourOf("=nmse=int4/64", scores, null)!.values]).toEqual([0.5, Number.NaN]);
  expect([...colourOf("=kurtosis", scores, null)!.values]).toEqual([3, 4]);
  const first = ["=nmse=nf4", "=toString", "share"].map((id) => colourOf(id, scores, null)?.id);
  expect(first).toEqual(Array(3).fill("=nmse=int4/64"));
  expect(colourOf("", scoresForTest(["a"], ["int4/64"], {}), null)).toBeNull();
  expect(scaleOf(Float64Array.of(0, 2, 8, Number.NaN), true)).toEqual({ kind: "log", lo: 2, hi: 8 });
  expect(scaleOf(Float64Array.of(-1, 2), true)).toEqual({ kind: "linear", lo: -1, hi: 2 });
  expect(scaleOf(Float64Array.of(Number.NaN), false)).toBeNull();
});

it("figures of the running model stand beside the others as they come, and a saved file is read as it was", async () => {
  const scores = scoresForTest(["a", "b"], ["int4/64", "int8/64"], {
    nmse: {
      values: [
        [1, 2],
        [3, 4],
      ],
      weight: [1, 1],
    },
  });
  const one = { signal: "kl" as const, tensor: "b", recipe: "int8/64", value: 0.5, error: 0.1 };
  const run = { about: "on a text", ground: "a text" };
  const some = withFigures(scores, "kl", [one, { ...one, tensor: "zz" }], run);
  expect(some.signals.kl.values).toEqual([
    [null, null],
    [null, 0.5],
  ]);
  expect([hasWhole(scores, "kl"), hasWhole(some, "kl")]).toEqual([false, false]);
  // A run that goes recipe by recipe has something of each tensor before its end.
  const more = withFigures(some, "kl", [{ ...one, tensor: "a", recipe: "int4/64" }], run);
  expect(hasWhole(more, "kl")).toBe(false);
  const whole = finished(more, "kl", "KL on a text");
  expect([hasWhole(whole, "kl"), whole.signals.kl.about]).toEqual([true, "KL on a text"]);
  expect(withFigures(more, "kl", [one], { about: "on another", ground: "another" }).signals.kl.values).toEqual(
    some.signals.kl.values,
  );
  expect(readScores(await scoresBlob(whole).text(), "scores.json")).toEqual(whole);
});

it("a run goes on with what was measured on the same text with the same seed, and with nothing else", () => {
  const scores = scoresForTest(["a", "b"], ["int4/64"], {});
  const known = (of: ScoreFile, words: string, seed: number) =>
    modelRequest({} as Ground, of, "kl", seed, words).known?.length;
  const one = { signal: "kl" as const, tensor: "b", recipe: "int4/64", value: 0.5, error: 0.1 };
  const some = withFigures(scores, "kl", [one], { about: "", ground: JSON.stringify(["a text", 1]) });
  expect([known(some, "a text", 1), known(some, "another", 1), known(some, "a text", 2)]).toEqual([1, 0, 0]);
  const other = { ...scores, signals: { kl: { values: [[1], [null]], about: "by another program" } } };
  expect(known(other, "a text", 1)).toBe(0);
});
