/** Solvers on the bundled checkpoint: those that need no inputs, and what those say that do. */
import { quantize, sampleFile } from "./support/cli.ts";
import { npy, weights, write } from "./support/files.ts";
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

test("GPTQ with a file of activations: the command line's figures, and the code it chose in the inspector", async ({
  bench,
}) => {
  const { page } = bench;
  const output = async (name: "A" | "B") => Number((await bench.figure("outputNmse", name)).replace("−", "-"));
  await bench.open(LINK.replaceAll("int4(asym,zp=f16)/64:f16", "int4/40:f16"));
  const chooser = page.waitForEvent("filechooser");
  await bench.menu(/^Inputs/, /^From a file/);
  // Channels that follow each other, as those of a network do.
  const [tokens, cols] = [400, 120];
  const values = weights(tokens * cols, 5);
  for (let i = 1; i < values.length; i++) if (i % cols > 0) values[i] += 0.8 * values[i - 1];
  const inputs = write("X.npy", npy({ shape: [tokens, cols], values }));
  await (await chooser).setFiles([inputs]);
  await bench.settled();
  await bench.choose("A step", "gptq");
  await expect(bench.recipe("A")).toHaveValue("gptq+int4/40:f16");
  const line = await quantize(
    sampleFile("ocr-recogniser"),
    "linear_77.w_0",
    "gptq+int4/40:f16",
    "--activations",
    inputs,
  );
  const [a, b] = [await output("A"), await output("B")];
  expect(a).toBeCloseTo(line.metrics.outputNmse as number, 6);
  expect(a).toBeLessThan(0.6 * b);
  // What lowers the error of outputs raises that of weights.
  expect(Number(await bench.figure("sqnrDb", "A"))).toBeLessThan(Number(await bench.figure("sqnrDb", "B")));
  // Some value nearby has another code than by itself, and the inspector says so.
  await bench.map.focus();
  await expect(async () => {
    await page.keyboard.press("ArrowRight");
    await bench.settled();
    await expect(bench.inspector).toContainText(/Chosen by gptq, .* would have code \d+/, { timeout: 100 });
  }).toPass();
  await bench.type("A", "rht(40,seed=1)+gptq(order=gram,groups=permuted)+mxfp4");
  await expect(bench.pane("A")).not.toContainText("needs");
  expect(await output("A")).toBeLessThan(1);
  await bench.type("A", "cd(2)+int4/40:f16");
  expect(await output("A")).toBeLessThan(b);
});
