/** `embeddings FILE`: recall of neighbours behind a recipe, from a generator of vectors. */
import { beforeAll, expect, it } from "vitest";
import { cli, commandPath } from "./command-for-test.ts";

beforeAll(commandPath, 120_000);
const ask = (...args: string[]) =>
  cli("embeddings", "gen:normal(rows=400,cols=32,seed=3)", "--queries", "50", "--k", "1,10", ...args);

it("prints one object: recall with its error, ranks, bits", async () => {
  const { status, out } = await ask("--recipe", "int8/row", "--json");
  expect(status).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ recipe: "int8/row", bitsPerVector: 32 * 9, queries: 50, leftOut: 0, variance: null });
  expect(report.recall.map(({ k }: { k: number }) => k)).toEqual([1, 10]);
  expect(report.recall[1].mean).toBeGreaterThan(0.9);
  expect(report.rankCorrelation).toBeGreaterThan(0.99);
});

it("cuts dimensions before, and compares raw codes where asked", async () => {
  const half = JSON.parse((await ask("--recipe", "int8/row", "--keep", "0.5", "--json")).out);
  expect(half.variance).toBeGreaterThan(0.5);
  expect(half.bitsPerVector).toBe(16 * 10);
  expect((await ask("--recipe", "int8(asym)/col", "--raw-codes")).out).toMatch(/recall@10 +0\./);
});

it.each([
  [["--recipe", "int4/row", "--k", "400"], /400 neighbours are asked for, and 400 vectors of 400 can be compared/],
  [["--recipe", "int4/row", "--keep", "33"], /--keep is a number of components up to 32/],
  [["--recipe", "int4/row", "--by", "taste"], /--by is one of cosine, dot, distance, not "taste"/],
  [["--recipe", "int4/row", "--keep", "8", "--float-queries"], /queries have more columns than the table/],
  [["--recipe", "mxfp4", "--k", "none"], /--k is a whole number of 1 or more, not "none"/],
  [[], /embeddings needs a recipe/],
])("is refused for %j", async (args, message) => {
  const { status, err } = await ask(...args);
  expect(status).toBe(1);
  expect(err).toMatch(message);
});
