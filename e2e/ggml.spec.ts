/** ggml's quantizers as recipes: figures, controls, a block's arithmetic, and rows that they refuse. */
import { expect, test } from "./support/test.ts";

test("q4_k stands beside other recipes with all its charts", async ({ bench }) => {
  await bench.open("s=gen:normal(64x512,seed=1)&a=q4_k&b=int4/32:f16&n=2&v=1");
  expect(await bench.figure("bitsPerWeight", "A")).toBe("4.500");
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeCloseTo(22.94, 1);
  await expect(bench.pane("A").getByLabel("A block", { exact: true })).toHaveCount(0);
  await expect(bench.pane("B").getByLabel("B block", { exact: true })).toHaveCount(1);

  await expect(bench.page.locator('figure[data-chart="scales"]')).toContainText("A uint6: 1,024");
  await bench.page
    .getByLabel(/^Error map: arrows/)
    .first()
    .focus();
  await bench.page.keyboard.press("ArrowRight");
  await bench.settled();
  const arithmetic = bench.inspector.getByLabel("Arithmetic of A");
  await expect(arithmetic).toContainText("min 2");
  await expect(arithmetic).toContainText("offset");
  await expect(arithmetic).toContainText(/× scale\d+ × [\d.]+ − [\d.]+ = /);
});

test("points of a grid bring their tables when first met, and say that nothing weighed their columns", async ({
  bench,
}) => {
  await bench.open("s=gen:normal(64x512,seed=1)&a=iq2_xs&b=iq3_s&n=2&v=1");
  expect(await bench.figure("bitsPerWeight", "A")).toBe("2.313");
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeCloseTo(10.5, 0);
  expect(Number(await bench.figure("sqnrDb", "B"))).toBeCloseTo(15.6, 0);
  await expect(bench.page.getByRole("list", { name: "Notes" })).toContainText("iq2_xs counts all columns alike");
  await expect(bench.page.locator('figure[data-chart="scales"]')).toContainText("A uint4: 2,048");
});

test("rows that are no whole blocks are refused in a sentence", async ({ bench }) => {
  await bench.open("s=gen:normal(8x160,seed=1)&a=q4_0&b=q4_0&n=2&v=1");
  await bench.type("A", "q6_k");
  await expect(bench.pane("A")).toContainText(
    "q6_k needs rows of whole blocks of 256, and these have 160 columns: ggml refuses them too",
  );
  await bench.choose("A format", "q8_0");
  expect(await bench.figure("bitsPerWeight", "A")).toBe("8.500");
});
