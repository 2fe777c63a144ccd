/** What is known of a weight's inputs: chosen, told, in the table, on the frontier, in the link, and asked for again. */
import { quantize } from "./support/cli.ts";
import { npy, safetensors, tensor, weights, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const [tokens, cols] = [200, 64];
const loud = weights(tokens * cols, 5).map((x, i) => (i % cols === 3 ? 20 * x : x));
const activations = () => write("X.npy", npy({ shape: [tokens, cols], values: loud }));
const model = () =>
  write("model.safetensors", safetensors(tensor("q.weight", [32, 64], 1), tensor("w.weight", [16, 48], 2)));
const LINK = "s=gen:uniform(4x4,seed=1)&a=int4/32&b=smooth+int4/32&n=2&v=1";

test("a file of activations gives the error of outputs, to recipes and to the table", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK);
  const file = model();
  await bench.drop(file);
  await bench.settled();
  await expect(bench.pane("B")).toContainText("smooth needs a calibration");
  await expect(page.locator('[data-metric="outputNmse-a"]')).toHaveCount(0);

  const chooser = page.waitForEvent("filechooser");
  await bench.menu(/^Inputs/, /^From a file/);
  const inputs = activations();
  await (await chooser).setFiles([inputs]);
  await bench.settled();
  await expect(page.locator("[data-inputs]")).toContainText("activations, 200 tokens");
  const line = await quantize(file, "q.weight", "int4/32", "--activations", inputs);
  const shown = Number(await bench.figure("outputNmse", "A"));
  expect(shown).toBeCloseTo(line.metrics.outputNmse as number, 4);
  expect(Number(await bench.figure("outputNmse", "B"))).toBeLessThan(shown);

  // Quantized activations: each alone and both.
  await page.getByLabel("Recipe for activations").fill("int8/row");
  await page.getByLabel("Recipe for activations").press("Enter");
  await bench.settled();
  await expect(page.locator('[data-share="joint"]').first()).toHaveText(await bench.figure("outputNmse", "A"));

  // Another tensor takes other inputs: the figure is gone, and why is said.
  await bench.tensor("w.weight").click();
  await bench.settled();
  await expect(page.locator('[data-metric="outputNmse-a"]')).toHaveCount(0);
  await expect(page.getByRole("list", { name: "Notes" })).toContainText("is of inputs with 64 channels, and not used");
  await bench.tensor("q.weight").click();
  await bench.settled();

  // Undo takes one step back each: the tensors, the recipe, the calibration.
  for (let i = 0; i < 4; i++) await page.keyboard.press("Control+z");
  await bench.settled();
  await expect(page.locator("[data-inputs]")).toHaveAttribute("data-inputs", "none");
  await page.keyboard.press("Control+Shift+z");
  await bench.settled();
  await expect(page.locator("[data-inputs]")).toContainText("X.npy");
});

test("a link asks for the calibration's file, and says when another is given", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK.replace("uniform(4x4", "normal(16x64"));
  const chooser = page.waitForEvent("filechooser");
  await bench.menu(/^Inputs/, /^From a file/);
  await (await chooser).setFiles([activations()]);
  await bench.settled();
  const before = await bench.figure("outputNmse", "B");
  const hash = new URL(page.url()).hash;
  expect(hash).toContain("cal=file:");

  await page.goto("about:blank");
  await bench.open(hash.slice(1));
  await expect(page.locator("[data-inputs]")).toHaveAttribute("data-inputs", "asked");
  await expect(page.getByRole("button", { name: /^Choose X\.npy/ })).toBeVisible();
  const wrong = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Choose X\.npy/ }).click();
  await (await wrong).setFiles([write("X.npy", npy({ shape: [tokens, cols], values: weights(tokens * cols, 6) }))]);
  await expect(page.getByText(/This is another file: the calibration of the link is X\.npy/)).toBeVisible();
  await bench.drop(activations());
  await bench.settled();
  expect(await bench.figure("outputNmse", "B")).toBe(before);
});

test("synthetic inputs are in the link wholly, and output error is an axis of the frontier", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK.replace("uniform(4x4", "normal(16x64"));
  await bench.menu(/^Inputs/, /^outlier channels/);
  await bench.settled();
  const shown = await bench.figure("outputNmse", "A");
  await page.reload();
  await bench.settled();
  expect(await bench.figure("outputNmse", "A")).toBe(shown);
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await page.getByRole("textbox", { name: "Grid" }).fill("int4/32;smooth+int4/32;nf4/32");
  await bench.settled();
  await page.getByLabel("Error shown").selectOption("outputNmse");
  await bench.settled();
  await expect(page.getByRole("heading", { name: /^Output NMSE against bits a weight/ })).toBeVisible();
  const points = page.getByRole("grid", { name: "Points of the sweep" });
  await expect(points.getByRole("row").filter({ hasText: "nf4/32" })).toBeVisible();
});
