/** Checkpoints that are quantized already: one weight for its parts, how it is stored, and readings that can be turned over. */
import AxeBuilder from "@axe-core/playwright";
import { writeSafetensors } from "../workers/checkpoints/safetensors/write.ts";
import { writeNvfp4 } from "../workers/layouts/for-test/floats.ts";
import { writeGptq } from "../workers/layouts/for-test/integers.ts";
import { quantize } from "./support/cli.ts";
import { write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=f32&b=int8/32:f16&n=2&v=1";

const gptq = writeGptq({ out: 64, inputs: 256, group: 64 }, 4, {}, 1);
const nvfp4 = writeNvfp4([32, 128], "modelopt", 2);
const file = () => write("model/model.safetensors", writeSafetensors([...gptq.tensors, ...nvfp4.tensors]));

test("a weight stands for its parts, with its layout and true bits", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(file(), write("model/quantize_config.json", JSON.stringify(gptq.config!.json)));
  await expect(bench.heading).toHaveText(gptq.name);
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "bits a weight" })).toHaveCount(2);
  const panel = bench.page.getByRole("region", { name: "Stored as" });
  await expect(panel.getByRole("heading", { name: /^GPTQ, 4\.\d+ bits a weight$/ })).toBeVisible();
  await expect(panel).toContainText("Told by quantize_config.json.");
  await expect(panel.locator('figure[data-chart="stored-zeros"]')).toContainText("Zero points: entropy");
  const axe = new AxeBuilder({ page: bench.page }).include('[aria-label="Stored as"]').include('[role="tree"]');
  const { violations } = await axe.analyze();
  expect(violations.map((v) => v.id)).toEqual([]);

  await panel.getByRole("button", { name: "Use its own recipe as A" }).click();
  await bench.settled();
  await expect(bench.recipe("A")).toHaveValue("int4(asym)/64:f16");

  await panel.getByRole("button", { name: "zero points", exact: true }).click();
  await bench.settled();
  await expect(bench.heading).toHaveText("model.layers.0.q_proj.qzeros");
  await expect(bench.page.getByText("64 × 4 = 256 elements")).toBeVisible();
});

test("a reading turned over is a tensor of its own, in the link and on the command line", async ({ bench, fresh }) => {
  await bench.open(START);
  const path = file();
  await bench.drop(path);
  await bench.tensor("o_proj").click();
  await bench.settled();
  const asUsual = await bench.figure("sqnrDb", "B");
  const panel = bench.page.getByRole("region", { name: "Stored as" });
  await panel.getByRole("radio", { name: "divide by it" }).focus();
  await bench.page.keyboard.press("Space");
  await bench.settled();
  const address = `${nvfp4.name}?global=divide`;
  await expect(bench.heading).toHaveText(address);
  await panel.getByRole("radio", { name: "first element in the high nibble" }).check();
  await bench.settled();
  const turned = `${nvfp4.name}?nibbles=high&global=divide`;
  await expect(bench.heading).toHaveText(turned);
  const figure = await bench.figure("mse", "B");
  const line = await quantize(path, nvfp4.name, "int8/32:f16", "--reading", "nibbles=high,global=divide");
  expect(Number(figure) / line.metrics.mse!).toBeCloseTo(1, 3);

  const link = await bench.copyLink();
  const other = await fresh();
  await other.open(new URL(link).hash.slice(1));
  await other.drop(path);
  await expect(other.heading).toHaveText(turned);
  await expect(other.page.getByRole("radio", { name: "divide by it" })).toBeChecked();
  await other.settled();
  expect(await other.figure("mse", "B")).toBe(figure);

  await bench.page.getByRole("button", { name: "Undo" }).click();
  await bench.page.getByRole("button", { name: "Undo" }).click();
  await bench.settled();
  await expect(bench.heading).toHaveText(nvfp4.name);
  expect(await bench.figure("sqnrDb", "B")).toBe(asUsual);
});

test("the parts stand below their weight, by keyboard too", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(file());
  await bench.tree.focus();
  const parts = bench.tree.getByRole("treeitem").filter({ hasText: "qweight" });
  await expect(parts).toHaveCount(0);
  await bench.page.keyboard.press("ArrowRight");
  await expect(parts).toHaveCount(1);
  await bench.page.keyboard.press("ArrowDown");
  await bench.page.keyboard.press("Enter");
  await bench.settled();
  await expect(bench.heading).toHaveText("model.layers.0.q_proj.qweight");
  await expect(bench.page.getByText("64 × 256 = 16,384 elements")).toBeVisible();
  await bench.page.keyboard.press("ArrowLeft");
  await bench.page.keyboard.press("ArrowLeft");
  await expect(parts).toHaveCount(0);
  await bench.control("Filter tensors").fill("qzeros");
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "qzeros" })).toHaveCount(1);
});

test("codes that no layout decodes are told of in the list, beside the name and under the figures", async ({
  bench,
}) => {
  const codes = {
    name: "fc.weight",
    dtype: "U8",
    shape: [4, 32],
    bytes: Uint8Array.from({ length: 128 }, (_, i) => i),
  };
  const scales = { name: "fc.secret_scales", dtype: "F32", shape: [4], bytes: new Uint8Array(16) };
  await bench.open(START);
  await bench.drop(write("secret.safetensors", writeSafetensors([codes, scales])));
  await expect(bench.heading).toHaveText("fc.weight");
  const warning =
    "U8 codes as they are stored, not the weight's values: fc.secret_scales beside it tells of quantization";
  await expect(bench.page.getByRole("status").filter({ hasText: warning }).first()).toBeVisible();
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "Codes as stored:" })).toHaveCount(1);
});
