/** A model's inputs captured in the page: by a click for a solver, saved, cancelled, and from a link on another page. */
import { readFile } from "node:fs/promises";
import { quantize } from "./support/cli.ts";
import { expect, test } from "./support/test.ts";

const DOWN = "model.layers.0.mlp.down_proj.weight";
const EXPERIMENT = `s=sample:small-llama&t=${DOWN}&a=int3/128&b=gptq+int3/128`;
/** One window of 64 tokens: what a page captures while somebody waits. */
const SHORT = "run:1x64,seed=1,keep=64,text=calibrate";

test("what a link names is captured anew, with the same figures on another page, or with a word where it is another", async ({
  bench,
  fresh,
}) => {
  test.setTimeout(240_000);
  const { page } = bench;
  await bench.open(
    `${EXPERIMENT}&cal=${SHORT},model=0123456789abcdef,digest=0123456789abcdef,squares=1&n=2&v=1`,
    120_000,
  );
  await expect(page.getByText(/was captured of another model than Small Llama/)).toBeVisible();
  await expect(bench.pane("B")).toContainText("gptq needs a calibration");

  // A click captures; what is under way can be cancelled.
  await bench.menu(/^Inputs/, /^On the text that comes with it/);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await bench.settled(120_000);
  await expect(page.locator("[data-inputs]")).toHaveAttribute("data-inputs", "asked");
  await bench.menu(/^Inputs/, /^On the text that comes with it/);
  await bench.settled(200_000);
  await expect(page.locator("[data-inputs]")).toContainText("captured, 8,192 tokens");
  const [plain, solved] = [
    Number(await bench.figure("outputNmse", "A")),
    Number(await bench.figure("outputNmse", "B")),
  ];
  expect(solved).toBeLessThan(0.8 * plain);
  const hash = new URL(page.url()).hash;
  expect(hash).toMatch(/cal=run:16x512,seed=1,keep=512,text=calibrate,model=[0-9a-f]{16},digest=[0-9a-f]{64}/);

  // What was captured is among the tensors, and recipes quantize it.
  await bench.control("Filter tensors").fill("layers.0.mlp.down_proj");
  await bench.tensor("input").click();
  await bench.settled();
  await expect(bench.heading).toHaveText("model.layers.0.mlp.down_proj.input");
  await expect(page.locator('[data-metric="outputNmse-a"]')).toHaveCount(0);
  await bench.type("B", "int8/row");
  expect(Number(await bench.figure("sqnrDb", "B"))).toBeGreaterThan(Number(await bench.figure("sqnrDb", "A")) + 10);
  await bench.type("B", "gptq+int3/128");
  await bench.tensor("weight").click();
  await bench.settled();
  expect(Number(await bench.figure("outputNmse", "B"))).toBe(solved);

  // Saved, it does on the command line what it does here.
  const download = page.waitForEvent("download");
  await bench.menu(/^Inputs/, /^Save what was captured/);
  const path = await (await download).path();
  const model = new URL("../public/samples/small-llama", import.meta.url).pathname;
  const line = await quantize(model, DOWN, "gptq+int3/128", "--calibration", path);
  expect(line.metrics.outputNmse as number).toBeCloseTo(solved, 4);
  expect((await readFile(path)).length).toBeGreaterThan(1e7);

  const model16 = /model=([0-9a-f]{16})/.exec(hash)![1];
  const other = await fresh();
  await other.open(`${EXPERIMENT}&cal=${SHORT},model=${model16},digest=0123456789abcdef,squares=1&n=2&v=1`, 120_000);
  await expect(other.page.getByText(/it is not the same text, model or recipe/)).toBeVisible();
  await expect(other.page.locator("[data-inputs]")).toContainText("captured, 64 tokens");
  const figures = await other.figures();
  const link = new URL(other.page.url()).hash.slice(1);

  const third = await fresh();
  await third.open(link, 120_000);
  await expect(third.page.locator("[data-inputs]")).toContainText("captured, 64 tokens");
  expect(await third.figures()).toBe(figures);
  await expect(third.page.getByText(/has the digest/)).toHaveCount(0);
});
