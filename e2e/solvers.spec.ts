/** Solvers on the bundled checkpoint: those that need no inputs, and what those say that do. */
import { expect, test } from "./support/test.ts";

const LINK = "s=sample:ocr-recogniser&t=linear_77.w_0&a=int4(asym,zp=f16)/64:f16&b=int4(asym,zp=f16)/64:f16&n=2&v=1";

test("HQQ by the controls: fewer large errors at the same bits, in links and in the inspector", async ({
  bench,
  fresh,
}) => {
  await bench.open(LINK);
  await bench.choose("A step", "hqq");
  await expect(bench.recipe("A")).toHaveValue("hqq+int4(asym,zp=f16)/64:f16");
  expect(await bench.figure("bitsPerWeight", "A")).toBe(await bench.figure("bitsPerWeight", "B"));
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeGreaterThan(Number(await bench.figure("sqnrDb", "B")));
  const figures = await bench.figures();
  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await other.settled();
  await expect(other.recipe("A")).toHaveValue("hqq+int4(asym,zp=f16)/64:f16");
  expect(await other.figures()).toBe(figures);
  await bench.map.focus();
  await bench.page.keyboard.press("Enter");
  await bench.page.keyboard.press("ArrowRight");
  await bench.settled();
  await expect(bench.inspector).toContainText("zero pt");
});

test("a solver that needs inputs says so, and keeps the rest of the page as it is", async ({ bench }) => {
  await bench.open(LINK);
  await bench.recipe("A").fill("gptq+int4/64:f16");
  await bench.recipe("A").press("Escape");
  await expect(bench.page.getByText(/gptq needs a calibration/).first()).toBeVisible();
  await bench.type("A", "int4/64:f16");
  // Rows of 120 values have two blocks, the second of 56.
  expect(await bench.figure("bitsPerWeight", "A")).toBe("4.267");
});
