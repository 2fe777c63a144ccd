/** A recipe as a command, a program and other tools' configurations, copied by keyboard. */
import { expect, test } from "./support/test.ts";

test("recipes as code: chosen, read and copied without a mouse", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=gen:normal(64x256,seed=1)&a=nvfp4&b=q4_k&n=2&v=1");
  await page.keyboard.press("p");
  const dialog = page.getByRole("dialog", { name: "Recipes as code" });
  const command = "npm run -s cli -- quantize 'gen:normal(rows=64,cols=256,seed=1)' --recipe nvfp4";
  await expect(dialog.getByLabel("Command line")).toHaveValue(command);
  await dialog.getByLabel("Recipe", { exact: true }).press("b");
  await dialog.getByLabel("As", { exact: true }).press("l");
  await expect(dialog.getByLabel("llama.cpp", { exact: true })).toHaveValue(/^llama-quantize --pure .* Q4_K_S$/);
  await expect(dialog.getByRole("list", { name: "Notes" })).toContainText("llama.cpp does what the recipe says");
  await dialog.getByRole("button", { name: "Copy", exact: true }).press("Enter");
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^llama-quantize --pure /);
  await dialog.getByLabel("As", { exact: true }).press("p");
  await expect(dialog.getByLabel("Python (NumPy)", { exact: true })).toHaveValue(/import numpy as np/);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});
