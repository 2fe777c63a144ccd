/** One's own tensors: files dropped and chosen, shards, folders, arrays, raw bytes. */
import { dirname } from "node:path";
import { npy, safetensors, tensor, weights, write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&n=2&v=1";

test("a dropped safetensors file", async ({ bench }) => {
  await bench.open(START);
  const path = write("mine.safetensors", safetensors(tensor("first.bias", [64]), tensor("second.weight", [48, 64])));
  await bench.drop(path);
  await expect(bench.page.getByRole("button", { name: "Source: mine.safetensors" })).toBeVisible();
  await expect(bench.heading).toHaveText("second.weight");
  await expect(bench.recipe("A")).toHaveValue("nvfp4");
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
  await bench.tensor("bias").click();
  await bench.settled();
  await expect(bench.heading).toHaveText("first.bias");
});

test("shards with their index, dropped as a folder and as files", async ({ bench }) => {
  const map = { "layers.0.weight": "part-1.safetensors", "layers.1.weight": "part-2.safetensors" };
  const paths = [
    write("model/part-1.safetensors", safetensors(tensor("layers.0.weight", [32, 64], 1))),
    write("model/part-2.safetensors", safetensors(tensor("layers.1.weight", [32, 64], 2))),
    write("model/model.safetensors.index.json", JSON.stringify({ metadata: {}, weight_map: map })),
  ];
  await bench.open(START);
  await bench.drop(dirname(paths[0]));
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "32×64" })).toHaveCount(2);
  await expect(bench.heading).toHaveText("layers.0.weight");
  const folder = await bench.figures();

  await bench.page.getByRole("button", { name: "Undo" }).click();
  await bench.settled();
  await bench.drop(...paths);
  await expect(bench.heading).toHaveText("layers.0.weight");
  expect(await bench.figures()).toBe(folder);
});

test("several files at once are one source", async ({ bench }) => {
  await bench.open(START);
  const one = write("one.safetensors", safetensors(tensor("a.weight", [16, 32], 1)));
  const two = write("two.safetensors", safetensors(tensor("b.weight", [16, 32], 2)));
  await bench.drop(one, two);
  await expect(bench.tree.getByRole("treeitem").filter({ hasText: "16×32" })).toHaveCount(2);
});

test("an npy array, chosen by the menu", async ({ bench }) => {
  await bench.open(START);
  const path = write("array.npy", npy({ shape: [24, 40], values: weights(24 * 40) }));
  const chooser = bench.page.waitForEvent("filechooser");
  await bench.menu(/^Source/, /^Open files/);
  await (await chooser).setFiles([path]);
  await expect(bench.page.getByRole("button", { name: "Source: array.npy" })).toBeVisible();
  await bench.settled();
  await expect(bench.page.getByText("24 × 40 = 960 elements")).toBeVisible();
});

test("bytes without a header, described by hand", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("weights.bin", Buffer.from(weights(1024).buffer)));
  await bench.page.getByRole("button", { name: "Read as raw numbers…" }).click();
  const dialog = bench.page.getByRole("dialog", { name: "Read a file as raw numbers" });
  await dialog.getByLabel("Shape").fill("33x32");
  await expect(dialog.getByRole("alert")).toHaveText("1,056 elements do not fit: there are bytes for 1,024.");
  await dialog.getByLabel("Shape").fill("32x32");
  await dialog.getByRole("button", { name: "Open" }).click();
  await expect(dialog).toHaveCount(0);
  await bench.settled();
  await expect(bench.page.getByText("32 × 32 = 1,024 elements")).toBeVisible();
  expect(await bench.figure("sqnrDb", "A")).toMatch(/^\d+\.\d\d$/);
});
