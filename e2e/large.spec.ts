/** A tensor of a gigabyte: what it takes is said before anything is computed, and a sample does. */
import { expect, test } from "./support/test.ts";

test("a large tensor is asked about first; a sample of its rows gives figures that say so, and a link holds it", async ({
  bench,
  fresh,
}) => {
  await bench.open("s=gen:uniform(16384x16384,seed=1)&a=int8/row&b=mxfp4&n=2&v=1");
  const dialog = bench.page.getByRole("dialog", { name: "A large tensor" });
  await expect(dialog).toContainText("16384 × 16384 = 268,435,456");
  await expect(dialog).toContainText("up to 599 MB while these two recipes are compared");
  await bench.page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  expect(await bench.figure("sqnrDb", "A")).not.toMatch(/\d/);

  await bench.page.keyboard.press("r");
  // The sample has the keyboard.
  await expect(dialog.getByRole("button", { name: "Show a sample" })).toBeFocused();
  await bench.page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await bench.settled();
  await expect(bench.page.getByText("1,024 × 16,384 = 16,777,216 elements")).toBeVisible();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
  await expect(bench.page.getByText(/figures are of 1,024 of 16,384 rows: 8 tiles of 128/).first()).toBeVisible();

  const link = await bench.copyLink();
  expect(link).toContain("&part=sample&");
  const nmse = await bench.figure("nmse", "B");
  const other = await fresh();
  await other.open(new URL(link).hash.slice(1));
  await other.settled();
  expect(await other.figure("nmse", "B")).toBe(nmse);
  await expect(other.page.getByRole("dialog", { name: "A large tensor" })).toHaveCount(0);
});
