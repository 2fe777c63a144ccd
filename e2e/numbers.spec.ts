/** Typed, pasted and generated numbers, and the cells that are edited in place. */
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=int4/8:f16&b=mxfp4&n=2&v=1";

test("sixteen cells, each with result, code, scale and error, edited in place", async ({ bench }) => {
  const { page } = bench;
  await bench.open(START);
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog", { name: "Type or paste numbers" });
  await dialog.getByRole("button", { name: "Sixteen cells" }).click();
  await dialog.getByRole("button", { name: "Use these numbers" }).click();
  await bench.settled();
  const cells = page.getByRole("region", { name: "Cells" });
  await expect(cells.getByRole("textbox")).toHaveCount(16);
  await bench.type("A", "int4/4");
  // No card covers another, however low the pane is.
  const overlaps = await cells.getByRole("textbox").evaluateAll((inputs) => {
    const boxes = inputs.map((input) => input.parentElement!.getBoundingClientRect());
    const ends = inputs.map((input) => input.parentElement!.lastElementChild!.getBoundingClientRect().bottom);
    return boxes.filter((box, i) => ends[i] > box.bottom + 1).length;
  });
  expect(overlaps).toBe(0);
  const outlier = cells.getByLabel("Value at row 3, column 3");
  await expect(outlier).toHaveValue("6");
  const card = outlier.locator("..");
  // amax 6 over 7 is the scale, and the code of 6 is 7.
  await expect(card.locator("dd").nth(0)).toHaveText(/^6(\.0+)?$/);
  await expect(card.locator("dd").nth(1)).toHaveText("0111");
  await expect(card.locator("dd").nth(2)).toHaveText(/^0\.857/);
  await expect(card.locator("dd").nth(3)).toHaveText(/^0(\.0+)?$/);
  await outlier.fill("12");
  await outlier.press("Enter");
  await bench.settled();
  await expect(card.locator("dd").nth(2)).toHaveText(/^1\.71/);
  await expect(bench.inspector.getByRole("heading", { level: 3 })).toHaveText("Row 2 · column 2");
  await page.getByRole("button", { name: "Undo" }).click();
  await bench.settled();
  await expect(outlier).toHaveValue("6");
  await cells.getByRole("button", { name: "One column less" }).click();
  await expect(cells.getByRole("textbox")).toHaveCount(12);
});

test("pasted numbers become the source", async ({ bench }) => {
  const { page } = bench;
  await bench.open(START);
  await page.evaluate(() => navigator.clipboard.writeText("[[0.5, -1.25, 3], [2e-3, 0, 7]]"));
  await page.locator("body").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Control+v");
  await bench.settled();
  await expect(page.getByText("2 × 3 = 6 elements")).toBeVisible();
  await expect(bench.control("Value at row 1, column 2")).toHaveValue("-1.25");
});

test("numbers from a seeded distribution, the same for everyone", async ({ bench, fresh }) => {
  const { page } = bench;
  await bench.open(START);
  await page.keyboard.press("g");
  const dialog = page.getByRole("dialog", { name: "Generate numbers" });
  await dialog.getByLabel("Distribution").selectOption({ label: "Laplace" });
  await dialog.getByLabel("Rows").fill("64");
  await dialog.getByLabel("Columns").fill("128");
  await dialog.getByLabel("Seed").fill("5");
  await dialog.getByRole("button", { name: "Generate" }).click();
  await bench.settled();
  await expect(page.getByText("64 × 128 = 8,192 elements")).toBeVisible();
  const figures = await bench.figures();
  const other = await (await fresh()).open(new URL(await bench.copyLink()).hash.slice(1));
  expect(await other.figures()).toBe(figures);
});
