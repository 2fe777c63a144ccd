import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { printRecipe } from "../../kernels/notation/index.ts";
import { NO_RECIPE, readModelRecipe } from "../lm/recipe.ts";
import type { CacheScores, SignalScores } from "../scores/types.ts";
import { captured } from "./capture-for-test.ts";
import { cli } from "./command-for-test.ts";
import { model } from "./model.ts";
import type { FoundCache } from "./model-mix.ts";

type FoundLayer = FoundCache["layers"][number];

const folder = mkdtempSync(join(tmpdir(), "model-signals-"));
afterAll(() => rmSync(folder, { recursive: true }));
const out = join(folder, "scores.json");
const few = ["--only", "model.layers.5.self_attn.*", "--windows", "1", "--tokens", "32"];

test("a signal that runs the model is in the scores beside nmse, and makes the mix; it is not made again", async () => {
  const asked = ["--recipes", "int3/128;int4/128", "--signal", "fisher", ...few, "--out", out];
  const first = await cli("model", "sample:small-llama", ...asked);
  expect(first.out).toMatch(/fisher: 1 windows, \d+ passes/);
  const scores = JSON.parse(readFileSync(out, "utf8"));
  expect(Object.keys(scores.signals)).toEqual(["nmse", "fisher"]);
  expect(scores.signals.fisher.about).toMatch(/1 of \d+ windows of 32 tokens of the text that comes with it/);
  const values: number[][] = scores.signals.fisher.values;
  expect(values).toHaveLength(4);
  for (const [three, four] of values) expect(three / four).toBeGreaterThan(1.5);
  const other = join(folder, "again.json");
  const again = await cli("model", "sample:small-llama", ...few, "--scores", out, "--signal", "fisher", "--out", other);
  expect(again.out).not.toMatch(/passes of the network/);
  expect(JSON.parse(readFileSync(other, "utf8")).signals.fisher.values).toEqual(values);
});

test("keys and values of each layer get a recipe beside the weights, within one budget, and are not measured again", async () => {
  const [scored, rules] = [join(folder, "cache.json"), join(folder, "cache.txt")];
  const layers = ["--only", "model.layers.5.self_attn.*", "--windows", "1", "--tokens", "32", "--signal", "kl"];
  const asked = ["--recipes", "int4/128", "--cache-recipes", "int8/32;int3/32;q4_k", ...layers, "--out", scored];
  const mix = async (context: number, ...more: string[]) => {
    const budget = ["--budget", "22", "--context", String(context), "--json"];
    const { out, err, status } = await cli("model", "sample:small-llama", ...more, ...budget);
    expect([status, err]).toEqual([0, ""]);
    return JSON.parse(out);
  };
  const first = await mix(4096, ...asked, "--assign-kv", rules);
  const { cache, bits, budgetBits, loss, cacheBits } = first.mix;
  expect(bits).toBeLessThanOrEqual(budgetBits);
  expect(cacheBits).toBe(cache.bits);
  // Too little for 8 bits in all layers, enough for more than the least in some.
  expect(new Set(cache.layers.map(({ recipe }: FoundLayer) => recipe)).size).toBeGreaterThan(1);
  // The file of rules is what lm takes, and says of each head what was chosen and counted.
  const read = readModelRecipe({ ...NO_RECIPE, cache: readFileSync(rules, "utf8").trim() }, []);
  for (const { name, recipe } of cache.layers as FoundLayer[])
    for (const head of ["keys.0", "values.0"]) {
      const own = read.cache(`${name}.${head}`);
      expect(own ? printRecipe(own) : "keep").toBe(recipe);
    }
  const { signals, layers: of, recipes } = JSON.parse(readFileSync(scored, "utf8")).cache as CacheScores;
  expect(of.map(({ refused }) => refused.map((why) => why !== null))).toEqual(Array(6).fill([false, false, true]));
  const others = first.mix.tensors.flatMap(({ recipe }: { recipe: string }, t: number) =>
    recipe === "keep" ? [] : [first.scores.signals.kl.values[t][0]],
  );
  const own = (cache.layers as FoundLayer[]).map(({ recipe }, l) => signals.kl.values[l][recipes.indexOf(recipe)] ?? 0);
  expect([...others, ...own].reduce((sum, kl) => sum + kl, 0) / loss).toBeCloseTo(1, 10);
  // Another context: other bits of the same figures, without a run.
  const again = await mix(1024, ...layers, "--scores", scored, "--cache-recipes", "int8/32;int3/32");
  const rows = ({ values }: SignalScores) => values.map((row) => row.slice(0, 2));
  expect(again.scores.cache.signals.kl.values).toEqual(rows(signals.kl));
  expect(again.scores.cache.signals.kl.about).toBe(signals.kl.about);
  expect(again.scores.cache.layers[0].bits[0]).toBe(of[0].bits[0]! / 4);
  expect(again.mix.loss).toBeLessThan(loss);
});

test.each([
  [["--cache-recipes", "int8/32", "--signal", "kl"], /--cache-recipes needs --context/],
  [["--cache-recipes", "int8/32", "--context", "64"], /--cache-recipes needs --signal kl/],
  [
    ["--cache-recipes", "int8/32;int8@rne/32", "--context", "64", "--signal", "kl"],
    /int8\/32 is among the recipes of the cache twice/,
  ],
  [["--cache-recipes", "int8/32", "--context", "64", "--signal", "kl", "--kv-recipe", "int8/32"], /say one of them/],
  [["--budget", "15", "--assign-kv", "x"], /say --cache-recipes/],
])("%j says what is missing", async (args, message) => {
  await expect(captured(model, ["sample:small-llama", "--recipes", "int4/128", ...args])).rejects.toThrow(message);
});

test("options of such signals say what they may be", async () => {
  const args = ["--recipes", "int3/128", "--signal", "trace", ...few, "--hessian", "none"];
  const { status, err } = await cli("model", "sample:small-llama", ...args);
  expect(status).toBe(1);
  expect(err).toMatch(/--hessian is inputs or network, not "none"/);
});
