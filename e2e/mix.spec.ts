/** The mix: scores of every tensor, the frontier with its slider, pins, map, table, links and files; models of other kinds and sizes. */
import AxeBuilder from "@axe-core/playwright";
import { writeSafetensors } from "../workers/checkpoints/safetensors/write.ts";
import { writeNvfp4 } from "../workers/layouts/for-test/floats.ts";
import { writeGptq } from "../workers/layouts/for-test/integers.ts";
import type { Bench } from "./support/bench.ts";
import { write } from "./support/files.ts";
import { serveGiant } from "./support/giant.ts";
import { askedFor, expect, test } from "./support/test.ts";

const GRID = "mg=(int2,int4,int8)/128:f16;nvfp4";
const LINK = `s=sample:small-llama&tab=model&mx=mix&${GRID}&n=2&v=1`;

const bar = (bench: Bench) => bench.page.getByRole("region", { name: "Scores" });
const budget = (bench: Bench) => bench.page.locator("[data-mix-budget]");
const table = (bench: Bench) => bench.page.getByRole("grid", { name: /tensors and what they are assigned/ });
const map = (bench: Bench) => bench.page.getByRole("application", { name: /^Tensors by layer and role/ });
const row = (bench: Bench, name: string) => table(bench).locator(`[data-tensor="${name}"]`);

test("the sample model is scored by itself; slider, pins, map and table agree, and so do link, file and undo", async ({
  bench,
  fresh,
}) => {
  const { page } = bench;
  await bench.open(LINK);
  await expect(bar(bench).getByRole("status")).toHaveText("42 tensors × 4 recipes, all rows");
  await expect(budget(bench)).toContainText(
    /b in what is chosen for · NMSE of the model 0\.\d+ · point [\d,]+ of [\d,]+, exact/,
  );
  const slider = page.getByRole("slider", { name: "Budget" });
  const before = await budget(bench).textContent();
  await slider.press("Shift+ArrowRight");
  await bench.settled();
  expect(await budget(bench).textContent()).not.toBe(before);

  // The map by keys: mark, select, pin; the table shows what was selected.
  await map(bench).press("ArrowRight");
  await expect(page.locator("[data-mix-readout]")).toContainText(
    /layer 0 q_proj: bits assigned [\d.]+ b · \S+, [\d.]+ b/,
  );
  await map(bench).press("Shift+ArrowRight");
  await expect(page.getByLabel("Select tensors by patterns of their names")).toHaveValue("@0-1:q_proj");
  await bench.choose("Pin the selection to a recipe", "int8/128:f16");
  const q0 = "model.layers.0.self_attn.q_proj.weight";
  await expect(row(bench, q0)).toContainText("pinned: int8/128:f16");
  await expect(row(bench, q0)).toContainText("8.13");
  await expect(table(bench)).toHaveAttribute("aria-rowcount", "3");
  const pinned = await budget(bench).textContent();

  // A link has the same elsewhere.
  const other = await fresh();
  await other.page.goto(await bench.copyLink());
  await other.settled();
  await expect(budget(other)).toHaveText(pinned!);
  await expect(row(other, q0)).toContainText("pinned: int8/128:f16");

  // What cannot be had is said where one looks, with the way out.
  await page.getByLabel("Budget, b", { exact: true }).fill("1");
  await page.keyboard.press("Enter");
  const frontier = page.getByRole("region", { name: "Budget" });
  await expect(frontier.getByRole("alert")).toContainText(
    /1\.000 b is below the least that these recipes allow, \d\.\d+ b/,
  );
  await frontier.getByRole("button", { name: "Take the least" }).click();
  await expect(budget(bench)).toContainText("point 1 of");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Control+z");
  await bench.settled();
  await expect(table(bench).getByText("pinned:")).toHaveCount(0);
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect(table(bench)).toHaveAttribute("aria-rowcount", "43");

  // Other ways of choosing come to no less.
  await page.getByRole("button", { name: "What other ways of choosing come to at this budget" }).click();
  await expect(page.locator("[data-mix-solvers]")).toContainText(/Above the frontier: .*greedy/i);

  // Scores as a file open elsewhere without being made again; those of another checkpoint do not.
  const saved = page.waitForEvent("download");
  await bar(bench).getByRole("button", { name: "Save scores" }).click();
  const file = await (await saved).path();
  await other.chooseFiles(bar(other).getByRole("button", { name: "Open scores" }), [file]);
  await expect(bar(other).getByRole("status")).toHaveText("42 tensors × 4 recipes, all rows");
  await other.page.goto(`./#${LINK.replace("sample:small-llama", "sample:ocr-recogniser")}`);
  await other.settled();
  await other.chooseFiles(bar(other).getByRole("button", { name: "Open scores" }), [file]);
  await expect(other.message(/another checkpoint|not of/i).first()).toBeVisible();

  // By the table a tensor opens on the Bench with what it was assigned.
  await table(bench).getByRole("columnheader", { name: "tensor" }).getByRole("button").click();
  await table(bench).press("Home");
  await bench.settled();
  const recipe = await row(bench, "model.layers.0.mlp.down_proj.weight")
    .locator('[role="gridcell"]')
    .nth(4)
    .textContent();
  await table(bench).press("Enter");
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue(recipe!);
  await expect(bench.heading).toContainText("model.layers.0.mlp.down_proj.weight");
});

test("two shards of a quantized checkpoint are scored with what they store now", async ({ bench }) => {
  const { page } = bench;
  const gptq = writeGptq({ out: 64, inputs: 256, group: 64 }, 4, {}, 1);
  const nvfp4 = writeNvfp4([32, 128], "modelopt", 2);
  const shards = {
    "model-00001-of-00002.safetensors": gptq.tensors,
    "model-00002-of-00002.safetensors": nvfp4.tensors,
  };
  const weight_map = Object.fromEntries(
    Object.entries(shards).flatMap(([shard, tensors]) => tensors.map(({ name }) => [name, shard])),
  );
  const paths = Object.entries(shards).map(([name, tensors]) => write(`mixed/${name}`, writeSafetensors([...tensors])));
  await bench.open(`s=gen:normal(4x4,seed=1)&tab=model&mx=mix&${GRID}&n=2&v=1`);
  await bench.drop(
    ...paths,
    write("mixed/model.safetensors.index.json", JSON.stringify({ metadata: {}, weight_map })),
    write("mixed/quantize_config.json", JSON.stringify(gptq.config!.json)),
  );
  await expect(bar(bench).getByRole("status")).toHaveText("2 tensors × 4 recipes, all rows");
  await expect(budget(bench)).toContainText(/point [\d,]+ of/);
  // What they store is as good as it gets: keeping them is the frontier's end.
  await page.getByLabel("Budget, b", { exact: true }).fill("30");
  await page.keyboard.press("Enter");
  await expect(budget(bench)).toContainText("NMSE of the model 0 ");
  await expect(budget(bench)).toContainText("the rest of the budget stays unused");
  await expect(row(bench, gptq.name)).toContainText("keep");
});

test("of 700 GB by address it says what it will read; cancelled, or left by its server, what came stays and has a frontier", async ({
  bench,
}) => {
  const { page } = bench;
  const server = await serveGiant({
    ...{ shards: 140, tensors: 250, shape: [2048, 4883] as const },
    name: (i) => `model.layers.${Math.floor(i / 350)}.mlp.experts.${i % 350}.up_proj.weight`,
  });
  askedFor.add(server.base);
  try {
    await bench.open(`s=gen:normal(4x4,seed=1)&tab=model&mx=mix&${GRID}&n=2&v=1`);
    await page.keyboard.press("u");
    await page
      .getByRole("dialog", { name: "Open an address" })
      .getByLabel("Address", { exact: true })
      .fill(server.index);
    await page.keyboard.press("Enter");
    const status = bar(bench).getByRole("status");
    await expect(status).toContainText(
      /35,000 tensors × \d recipes, .*% of the rows: 1\d GB to read; an exact answer reads 700 GB/,
      {
        timeout: 40_000,
      },
    );
    await bar(bench).getByRole("button", { name: "Score", exact: true }).click();
    await expect(status).toContainText(/^[1-9][\d,]* of 35,000 tensors, about .* of 1\d GB/, { timeout: 40_000 });
    await page.keyboard.press("Escape");
    await expect(bar(bench).getByRole("alert")).toContainText(
      /Cancelled\. \d+ tensors are scored: what there is stays\./,
    );
    await expect(budget(bench)).toContainText(/point [\d,]+ of/);
    // Taken up again; then the server is gone.
    await bar(bench).getByRole("button", { name: "Go on" }).click();
    await expect(status).toContainText(/^[1-9][\d,]* of 35,000 tensors|^[1-9][\d,]* of 34,\d+ tensors/, {
      timeout: 40_000,
    });
    server.close();
    await expect(bar(bench).getByRole("alert")).toContainText(/tensors are scored: what there is stays\./, {
      timeout: 60_000,
    });
    await page.getByRole("button", { name: "each expert" }).click();
    await map(bench).press("ArrowRight");
    await expect(page.locator("[data-mix-readout]")).toContainText(/^layer 0 up_proj 0: bits assigned/);
  } finally {
    server.close();
  }
});

test("axe finds nothing, light and dark; nothing scrolls on a desk, nor sideways on a phone", async ({ bench }) => {
  const { page } = bench;
  await bench.open(`${LINK}&mt=model.layers.0.self_attn.q_proj.weight`);
  const over = () =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    });
  expect(await over()).toEqual([0, 0]);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).include("[data-mix]").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`)).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await bench.settled();
  expect((await over())[0]).toBe(0);
  await expect(budget(bench)).toBeVisible();
});
