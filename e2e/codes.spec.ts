/** Codes of whole matrices on the Bench and in a sweep, with what a Gaussian allows. */
import { expect, test } from "./support/test.ts";

const LINK = "s=gen:normal(64x128,seed=1)&a=e8p&b=int2(half)/32:f16&n=2&v=1";

test("lattices, trellises and entropy by text, with their bits and an element's words", async ({ bench }) => {
  await bench.open(LINK);
  expect(await bench.figure("bitsPerWeight", "A")).toBe("2.004");
  await bench.type("A", "qtip(2)");
  await bench.settled();
  expect(await bench.figure("bitsPerWeight", "A")).toBe("2.004");
  // 0.070 of the variance; the best of 2-bit scalars is at 9.3 dB.
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeGreaterThan(11.2);
  await bench.page
    .getByLabel(/^Error map: arrows/)
    .first()
    .focus();
  await bench.page.keyboard.press("ArrowRight");
  await bench.settled();
  const arithmetic = bench.inspector.getByLabel("Arithmetic of A");
  await expect(arithmetic).toContainText("value in inst3");
  await expect(arithmetic).toContainText(/state[01]{16}, the last 2 bits its own/);
  await bench.type("A", "watersic");
  await bench.page.getByText("watersic needs").first().waitFor();
  await bench.type("A", "ecsq(1.5)");
  await bench.settled();
  expect(Number(await bench.figure("bitsPerWeight", "A"))).toBeCloseTo(1.5, 1);
});

test("a sweep of a Gaussian draws the limit and Lloyd and Max's points, and tells the gaps", async ({ bench }) => {
  const grid = "lloyd2/tensor~std;e8p;qtip;turboquant(2,seed=0);aqlm(8,1,4,seed=0)";
  await bench.open(`s=gen:normal(64x128,seed=1)&a=e8p&b=lloyd2/tensor~std&g=${grid}&tab=sweep&n=2&v=1`);
  await expect(bench.page.getByRole("button", { name: /^Points/ })).toContainText("5", { timeout: 60_000 });
  await expect(bench.page.locator("svg .limits path").first()).toBeAttached();
  await expect(bench.page.getByText("Above 2^(−2R)").first()).toBeVisible();
});
