/** Two checkpoints side by side: paired by name, compared as recipes are, asked for again by the link. */
import { safetensors, tensor, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const original = () =>
  write(
    "original.safetensors",
    safetensors(
      tensor("model.layers.0.mlp.up_proj.weight", [48, 64], 1),
      tensor("model.layers.0.mlp.down_proj.weight", [64, 48], 2),
      tensor("alone.weight", [16, 16], 3),
    ),
  );
/** The same model by another program: one tensor as it was, one that differs. */
const other = () =>
  write(
    "other.safetensors",
    safetensors(
      tensor("blk.0.ffn_up.weight", [48, 64], 1),
      tensor("blk.0.ffn_down.weight", [64, 48], 7),
      tensor("extra.weight", [48, 64], 9),
    ),
  );
const LINK = "s=gen:uniform(4x4,seed=1)&a=int8/row&b=int4/32&n=2&v=1";

test("a second checkpoint becomes B, tensor by tensor", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK);
  await bench.drop(original());
  const chooser = page.waitForEvent("filechooser");
  await bench.menu(/^Source/, /^Compare with another checkpoint/);
  await (await chooser).setFiles([other()]);
  await bench.settled();
  await expect(bench.recipe("B")).toHaveValue("given");
  await expect(bench.tensor("alone.weight")).toContainText("no pair");
  await bench.tensor("up_proj").click();
  await bench.settled();
  // The same values: no error at all, and the bits that its file takes.
  await expect(bench.pane("B")).toContainText("usual renaming, F32, 32 b");
  expect(await bench.figure("maxAbs", "B")).toBe("0");
  expect(await bench.figure("bitsPerWeight", "B")).toBe("32.000");
  expect(await bench.figure("maxAbs", "A")).not.toBe("0");
  // A computes its results and B has them given: the values of both are there, element by element.
  await page.locator('figure[data-chart="map"]').getByRole("button", { name: "values" }).click();
  const values = page.locator('figure[data-chart="picture"]');
  await bench.settled();
  await expect(values.getByRole("img", { name: "B, as a picture" })).toBeVisible();
  await expect(values.getByRole("alert")).toHaveCount(0);

  await bench.tensor("down_proj").click();
  await bench.settled();
  expect(await bench.figure("maxAbs", "B")).not.toBe("0");
  await bench.tensor("alone.weight").click();
  await bench.settled();
  await expect(bench.pane("B")).toContainText("no partner for this tensor");

  await bench.tensor("up_proj").click();
  const partner = page.getByLabel("Tensor of the other checkpoint that B shows");
  await partner.fill("extra.weight");
  await partner.press("Enter");
  await bench.settled();
  await expect(bench.pane("B")).toContainText("chosen by hand");
  expect(await bench.figure("maxAbs", "B")).not.toBe("0");

  // On the frontier it is a point among recipes.
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await page.getByRole("textbox", { name: "Grid" }).fill("int4/32;int8/row;given");
  await bench.settled();
  await page.getByRole("button", { name: /^Run/ }).click();
  await bench.settled();
  const points = page.getByRole("grid", { name: "Points of the sweep" });
  await expect(points.getByRole("row").filter({ hasText: "given" })).toContainText("32");
});

test("the link asks for both files", async ({ bench }) => {
  const { page } = bench;
  await bench.open(LINK);
  await bench.drop(original());
  // The page may be at rest for a moment before it has taken what was dropped.
  await expect(bench.tensor("down_proj")).toBeVisible();
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Shift+C");
  await (await chooser).setFiles([other()]);
  await bench.settled();
  await bench.tensor("down_proj").click();
  const figures = await bench.figures();
  const link = await bench.copyLink();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByText("This experiment is about a file on your machine")).toBeVisible();
  await bench.drop(original());
  await bench.settled();
  await expect(bench.pane("B")).toContainText("The link compares with this file");
  await bench.chooseFiles(bench.pane("B").getByRole("button", { name: "Choose the file…" }), [other()]);
  expect(await bench.figures()).toBe(figures);
});
