/** Choosing a tensor and changing recipes, by text and by controls. */
import { expect, test } from "./support/test.ts";

const SMALL = "s=sample:esrgan-slim&t=F_0/kernel&a=nvfp4&b=int4/64:f16&n=2&v=1";

test("another sample, a filtered tensor", async ({ bench }) => {
  await bench.open(SMALL);
  await bench.menu(/^Source/, /PP-OCRv4 text recogniser/);
  await bench.settled();
  await expect(bench.heading).toHaveText("conv2d_180.w_0");
  const before = await bench.figures();
  await bench.control("Filter tensors").fill("linear_77.w");
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "w_0" })).toHaveCount(1);
  await bench.tensor("w_0").click();
  await bench.settled();
  await expect(bench.heading).toHaveText("linear_77.w_0");
  expect(await bench.figures()).not.toBe(before);
  await bench.control("Filter tensors").fill("nothing is called so");
  await expect(bench.page.getByText("No tensor matches the filter.")).toBeVisible();
});

test("recipe A as text: completion, a mistake under its column, the last good result", async ({ bench }) => {
  await bench.open(SMALL);
  const a = bench.recipe("A");
  await a.fill("mxfp");
  const completions = bench.page.getByRole("listbox", { name: "Completions for recipe A" });
  await expect(completions.getByRole("option", { name: /^mxfp4/ })).toBeVisible();
  await expect(completions.getByRole("option", { name: /^int4/ })).toHaveCount(0);
  await a.press("ArrowDown");
  await expect(a).toHaveAttribute("aria-activedescendant", /./);
  const first = await completions.getByRole("option", { selected: true }).locator("code").textContent();
  await a.press("Enter");
  await expect(a).toHaveValue(first ?? "");
  await bench.type("A", "int4/32:f16");
  const good = await bench.figure("sqnrDb", "A");

  await a.fill("int4/32:f17");
  const mistake = bench.pane("A").getByRole("alert");
  await expect(mistake).toContainText("Column 9:");
  await expect(a).toHaveAttribute("aria-invalid", "true");
  await expect(a).toHaveAccessibleDescription(/Column 9/);
  expect(await bench.figure("sqnrDb", "A")).toBe(good);
  await expect(bench.page.getByTestId("figures-a")).toHaveAttribute("data-stale", "true");
  await expect(bench.page.getByTestId("figures-a")).toContainText("last valid");

  await a.fill("int4/32:e8m0");
  await a.press("Escape");
  await bench.settled();
  await expect(mistake).toHaveCount(0);
  await expect(bench.page.getByTestId("figures-a")).toHaveAttribute("data-stale", "false");
  expect(await bench.figure("sqnrDb", "A")).not.toBe(good);
});

test("recipe B by controls, in step with its text", async ({ bench }) => {
  await bench.open(SMALL);
  const b = bench.recipe("B");
  await bench.choose("B format", "int3");
  await expect(b).toHaveValue("int3/64:f16");
  await bench.choose("B scale rule", "mse");
  await expect(b).toHaveValue("int3/64~mse:f16");
  await bench.control("B block size").fill("32");
  await bench.control("B block size").press("Enter");
  await bench.settled();
  await expect(b).toHaveValue("int3/32~mse:f16");
  await bench.choose("B rounding", "away");
  await expect(b).toHaveValue("int3@away/32~mse:f16");
  await bench.choose("B step", "rht");
  await expect(b).toHaveValue(/^rht\(.*\)\+int3@away\/32~mse:f16$/);
  await bench.choose("B scale format", "e8m0");
  await expect(b).toHaveValue(/:e8m0$/);
  await bench.choose("B format", "preset:mxfp4");
  await expect(b).toHaveValue(/mxfp4/);
  expect(await bench.figure("bitsPerWeight", "B")).toBe("4.250");

  await bench.type("B", "ht(64)+e2m3@trunc/16x8:ue4m3");
  await expect(bench.control("B step")).toHaveValue("ht");
  await expect(bench.control("B format")).toHaveValue("e2m3");
  await expect(bench.control("B rounding")).toHaveValue("trunc");
  await expect(bench.control("B block")).toHaveValue("tile");
  await expect(bench.control("B block rows")).toHaveValue("16");
  await expect(bench.control("B block columns")).toHaveValue("8");
  await expect(bench.control("B scale format")).toHaveValue("ue4m3");
});

test("swap, copy, and a codebook of one's own", async ({ bench }) => {
  await bench.open(SMALL);
  const [a, b] = [await bench.figure("sqnrDb", "A"), await bench.figure("sqnrDb", "B")];
  await bench.page.keyboard.press("x");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("int4/64:f16");
  expect([await bench.figure("sqnrDb", "A"), await bench.figure("sqnrDb", "B")]).toEqual([b, a]);
  await bench.page.keyboard.press("c");
  await bench.settled();
  await expect(bench.recipe("B")).toHaveValue("int4/64:f16");
  expect(await bench.figure("sqnrDb", "B")).toBe(b);

  await bench.page.keyboard.press("d");
  const dialog = bench.page.getByRole("dialog", { name: "Named codebooks" });
  await dialog.getByLabel("Definitions").fill("mine:=codebook(-1,-0.4,0,0.3");
  await expect(dialog.getByRole("alert")).toContainText("Line 1:");
  await dialog.getByLabel("Definitions").fill("mine:=codebook(-1,-0.4,0,0.3,1)");
  await dialog.getByRole("button", { name: "Use these" }).click();
  await bench.type("A", "mine/64:f16");
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
  expect(await bench.copyLink()).toContain("def=mine:=codebook(-1,-0.4,0,0.3,1)");
});

test("words of a recipe that are longer than their line can be read whole", async ({ bench }) => {
  const { page } = bench;
  await page.setViewportSize({ width: 900, height: 600 });
  await bench.open("s=gen:normal(64x128,seed=1)&a=rht(64,seed=1)+int4/64:f16&b=f32&n=2&v=1");
  const words = bench.pane("A").getByRole("button", { name: /^block Hadamard rotation/ });
  const end = bench
    .pane("A")
    .getByText(/rotated alike$/)
    .last();
  await words.focus();
  await page.keyboard.press("Enter");
  await expect(words).toHaveAttribute("aria-expanded", "true");
  expect(await end.evaluate((e) => e.scrollWidth <= e.clientWidth && e.getBoundingClientRect().height > 30)).toBe(true);
  await page.keyboard.press("Escape");
  await expect(words).toHaveAttribute("aria-expanded", "false");
  // What fits is no button.
  await expect(bench.pane("B").getByRole("button", { name: /float32/ })).toHaveCount(0);
});
