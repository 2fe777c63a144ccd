/** Holds the engine to what papers claim (`kernels/steps/papers.ts`), on the tensors that generators make. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createWasmBackend } from "../../kernels/backends/wasm/index.ts";
import { type Calibration, startReduction } from "../../kernels/calibration/index.ts";
import { quantizeMatrix } from "../../kernels/engine/quantize.ts";
import type { Report } from "../../kernels/measure/report.ts";
import { parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { prepareRecipe } from "../../kernels/prepare/prepare.ts";
import { tested } from "../../kernels/steps/papers/tested.ts";
import { unreproduced } from "../../kernels/steps/papers/unreproduced.ts";
import {
  type ComputedClaim,
  type Generated,
  type PaperInput,
  papers,
  type RecipeClaim,
} from "../../kernels/steps/papers.ts";
import { matrixOf, planOf } from "../../kernels/testing/matrix.ts";
import { generate } from "./generators.ts";

const all = await papers();
const backend = await createWasmBackend();

const valuesOf = async (spec: Generated): Promise<Float32Array> =>
  generate({ ...spec, params: spec.params ?? {} }).read(0, spec.rows * spec.cols);

/** Remembers what a key was made into: many claims are of one input. */
function once<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

const weightOf = once(async (key) => valuesOf(JSON.parse(key)));
const calibrationOf = once(async (key): Promise<Calibration> => {
  const spec: Generated = JSON.parse(key);
  const reduction = await startReduction(spec.cols);
  await reduction.add(await valuesOf(spec));
  return reduction.finish({ kind: "synthetic", name: spec.name, digest: "" });
});

const reportOf = once(async (key): Promise<Report> => {
  const [on, recipe]: [PaperInput, string] = JSON.parse(key);
  const { rows, cols } = on.weight;
  const values = await weightOf(JSON.stringify(on.weight));
  const { report } = await quantizeMatrix(matrixOf(values, rows, cols), planOf(recipe, rows, cols), {
    ...{ backend, checkpoint: async () => {}, now: () => 0 },
    ...(on.inputs && { calibration: await calibrationOf(JSON.stringify(on.inputs)) }),
    ...(on.activations && {
      activations: { recipe: parseRecipe(on.activations), definitions: [], scales: "dynamic" as const },
    }),
  });
  return report;
});

async function figureOf({ on, figure }: RecipeClaim, recipe: string): Promise<number> {
  const { metrics, activations } = await reportOf(JSON.stringify([on, recipe]));
  const found =
    figure === "joint" || figure === "weightOnly" || figure === "activationOnly"
      ? activations?.[figure]
      : metrics[figure];
  expect(found, `${recipe} has no ${figure}`).toBeTypeOf("number");
  return found as number;
}

/** What a function computes that a claim names; null where it finds nothing to compute it of. */
async function computedFigure({ computed }: ComputedClaim): Promise<number | null> {
  const [file, name] = computed.split(": ");
  const work: unknown = (await import(/* @vite-ignore */ `../../${file}`))[name];
  expect(work, `${file} exports no function ${name}`).toBeTypeOf("function");
  const found: unknown = await (work as () => unknown)();
  if (found !== null) expect(found, `${computed} gives no number`).toBeTypeOf("number");
  return found as number | null;
}

describe("every paper", () => {
  it("has a section of its own, in the order of the catalogue", () => {
    const of = (section: string) => all.filter((paper) => paper.section.startsWith(`${section}.`)).length;
    expect(["1", "2", "3", "4", "5", "6", "11"].map(of)).toEqual([17, 8, 3, 2, 4, 3, 25]);
    expect(of("7")).toBeGreaterThanOrEqual(3);
    expect(of("8")).toBeLessThanOrEqual(13);
    const places = all.map(({ section }) => section.split(".").map(Number));
    expect(places).toEqual(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
    expect(new Set(all.map(({ section }) => section)).size).toBe(all.length);
  });

  it.each(all.flatMap(({ section, recipes }) => recipes.map((r) => [section, r.says, r] as const)))(
    "%s: %s is a recipe, in its canonical spelling",
    (_, __, { recipe, activations }) => {
      for (const text of [recipe, ...(activations ? [activations] : [])]) {
        const parsed = parseRecipe(text);
        expect(printRecipe(parsed)).toBe(text);
        expect(() => prepareRecipe(parsed, [], 1024, 1024)).not.toThrow();
      }
    },
  );

  it.each(all.flatMap(({ section, recipes }) => recipes.map((r) => [section, r] as const)))(
    "%s says what %j has to know of inputs",
    (_, { recipe, calibration = "none" }) => {
      const needs: readonly string[] = planOf(recipe, 1024, 1024)
        .steps.filter((step) => !step.needs.calibrationOptional)
        .map((step) => step.needs.calibration)
        .filter((need) => need !== "none");
      if (calibration === "none") expect(needs).toEqual([]);
      else expect(needs).toContain(calibration);
    },
  );
});

describe("coverage", () => {
  const sections = new Set(all.map(({ section }) => section));

  it("every paper has claims, a test or a network to wait for", () => {
    const bare = all.filter(({ section, claims, lab }) => claims.length === 0 && !lab && !tested[section]?.length);
    expect(bare.map(({ section }) => section)).toEqual([]);
  });

  it("tests that hold a paper's checks are there", () => {
    for (const [section, tests] of Object.entries(tested)) {
      expect(sections.has(section), section).toBe(true);
      for (const test of tests) {
        const [file, words = `"${section} `] = test.split(/: (.*)/);
        expect(existsSync(file), `${section}: ${file}`).toBe(true);
        expect(readFileSync(file, "utf8").includes(words), `${section}: ${file} has no "${words}"`).toBe(true);
      }
    }
  });

  it("what does not come out says which paper, what, why, and what was found, once each", () => {
    for (const { section, what, why, found } of unreproduced) {
      expect(sections.has(section), section).toBe(true);
      for (const words of [what, why, ...(found === null ? [] : [found])]) {
        expect(words.trim()).toBe(words);
        expect(words.length).toBeGreaterThan(8);
        // Cells of a table are one line each.
        expect(words).not.toMatch(/[|\n]/);
      }
    }
    const keys = unreproduced.map(({ section, what }) => `${section} ${what}`);
    expect(new Set(keys).size).toBe(keys.length);
    const places = unreproduced.map(({ section }) => all.findIndex((paper) => paper.section === section));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

describe("claims", () => {
  const claims = all
    .filter(({ lab }) => !lab)
    .flatMap(({ section, claims: own }) => own.map((c) => [section, c.says, c] as const));
  it.each(claims)("%s: %s", async (_, says, claim) => {
    let found: number;
    if ("computed" in claim) {
      const figure = await computedFigure(claim);
      if (figure === null) return console.warn(`${says} was not tried: what ${claim.computed} needs is not here`);
      found = figure;
    } else {
      const own = await figureOf(claim, claim.recipe);
      found = claim.over === undefined ? own : own / (await figureOf(claim, claim.over));
    }
    const { is, within, most, least } = claim;
    expect(is !== undefined || most !== undefined || least !== undefined, "a claim says what is to be").toBe(true);
    if (is !== undefined) expect(Math.abs(found / is - 1), `${says}: ${found}, not ${is}`).toBeLessThan(within ?? 0);
    if (most !== undefined) expect(found, says).toBeLessThanOrEqual(most);
    if (least !== undefined) expect(found, says).toBeGreaterThanOrEqual(least);
  });
});
