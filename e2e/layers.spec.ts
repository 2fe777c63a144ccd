/** Steps that look at values, corrections and vector codes, on the bundled checkpoint. */
import { expect, test } from "./support/test.ts";

const LINK = "s=gen:normal(64x128,seed=1)&a=int4/32:f16&b=int4/32:f16&n=2&v=1";

test("permutation, outliers, low rank and vectors by text and by controls, with their bits", async ({ bench }) => {
  await bench.open(LINK);
  expect(await bench.figure("bitsPerWeight", "B")).toBe("4.500");
  await bench.choose("A step", "perm");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("perm+int4/32:f16");
  // 128 columns of 7 bits over 64 rows.
  expect(await bench.figure("bitsPerWeight", "A")).toBe("4.609");
  await bench.choose("A step", "outliers");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("outliers(0.005)+int4/32:f16");
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeGreaterThan(Number(await bench.figure("sqnrDb", "B")));
  await bench.type("A", "int4/32:f16+lowrank(8,factors=(int8/row))");
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeGreaterThan(Number(await bench.figure("sqnrDb", "B")));
  await expect(bench.control("A correction")).toHaveValue("lowrank");
  await bench.choose("A correction", "");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("int4/32:f16");
  await bench.type("A", "vq(4,64,seed=1)");
  // 6 bits for four values, and 64 x 4 float16 of the codebook over 8,192 values.
  expect(await bench.figure("bitsPerWeight", "A")).toBe("2.000");
  await expect(bench.page.locator('[data-metric="saturated-a"]')).toHaveText("–");
});

test("a link holds them, and a sweep takes them beside the others", async ({ bench, fresh }) => {
  await bench.open(LINK);
  await bench.type("A", "rht(32,seed=1)+outliers(0.01)+int4/32:f16+lowrank(2)");
  const figures = await bench.figures();
  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await other.settled();
  await expect(other.recipe("A")).toHaveValue("rht(32,seed=1)+outliers(0.01)+int4/32:f16+lowrank(2)");
  expect(await other.figures()).toBe(figures);

  const grid = "(none,perm,outliers(0.01))+int4/(32,64):f16;int4/32:f16+lowrank(4);vq(4,64,seed=0)";
  await bench.page.goto("about:blank");
  await bench.open(`s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/32:f16&g=${grid}&tab=sweep&n=2&v=1`);
  await expect(bench.page.getByRole("button", { name: /^Points/ })).toContainText("8", { timeout: 60_000 });
});
