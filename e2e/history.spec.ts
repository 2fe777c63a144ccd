/** Undo, redo, back, forward, and the last experiment after a reload. */
import { safetensors, tensor, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:normal(64x128,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1";

test("undo and redo walk experiments, sources included", async ({ bench }) => {
  const { page } = bench;
  await bench.open(START);
  await expect(page.getByRole("button", { name: "Undo" })).toBeDisabled();
  const first = await bench.figures();
  await bench.choose("A format", "int3");
  const second = await bench.figures();
  await bench.drop(write("mine.safetensors", safetensors(tensor("w", [32, 64]))));
  const third = await bench.figures();
  expect(new Set([first, second, third]).size).toBe(3);

  await page.keyboard.press("Control+z");
  expect(await bench.figures()).toBe(second);
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await bench.figures()).toBe(first);
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
  await page.keyboard.press("Control+Shift+z");
  await bench.settled();
  await page.getByRole("button", { name: "Redo" }).click();
  // The file is still at hand: nobody is asked for it again.
  expect(await bench.figures()).toBe(third);
  await expect(page.getByRole("button", { name: "Redo" })).toBeDisabled();
});

test("typing is one step of undo", async ({ bench }) => {
  await bench.open(START);
  await bench.recipe("A").fill("");
  await bench.recipe("A").pressSequentially("int4/32:f16", { delay: 20 });
  await bench.recipe("A").press("Escape");
  await bench.settled();
  await bench.page.getByRole("button", { name: "Undo" }).click();
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
});

test("back and forward in the browser", async ({ bench }) => {
  const { page } = bench;
  await bench.open(START);
  await bench.choose("A format", "int3");
  const second = await bench.figures();
  await bench.choose("B format", "e2m1");
  const third = await bench.figures();
  await page.goBack();
  expect(await bench.figures()).toBe(second);
  await page.goForward();
  expect(await bench.figures()).toBe(third);
  await page.goBack();
  await page.goBack();
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
});

test("the last experiment is back after a reload and in a new tab", async ({ bench }) => {
  await bench.open(START);
  await bench.type("A", "nf4/32:f16");
  const figures = await bench.figures();
  await bench.page.reload();
  expect(await bench.figures()).toBe(figures);
  await bench.page.goto("about:blank");
  await bench.open();
  await expect(bench.recipe("A")).toHaveValue("nf4/32:f16");
  expect(await bench.figures()).toBe(figures);
});
