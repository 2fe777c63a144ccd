/** Quantizers of the reader's own: modules dropped on the page, in sweeps and in links. */
import { readFile } from "node:fs/promises";
import { compiledModule, moduleOf } from "../kernels/testing/own-module.ts";
import { write } from "./support/files.ts";
import { expect, test } from "./support/test.ts";

const START = "s=gen:normal(64x128,seed=1)&a=int4/32&b=nvfp4&n=2&v=1";
const example = async () =>
  compiledModule(await readFile(new URL("../kernels/codes/module/assembly/example.ts", import.meta.url), "utf8"));

test("a dropped module is a quantizer among steps, and a link asks for its file", async ({ bench, context }) => {
  const path = write("my own.wasm", await example());
  await bench.open(START);
  await bench.drop(path);
  await bench.settled();
  await expect(bench.recipe("B")).toHaveValue("my_own");
  for (const metric of ["sqnrDb", "bitsPerWeight"]) {
    expect(await bench.figure(metric, "B")).toBe(await bench.figure(metric, "A"));
  }
  await bench.type("A", "rht(32,seed=1)+int4/32");
  await bench.type("B", "rht(32,seed=1)+my_own");
  await bench.settled();
  expect(await bench.figure("sqnrDb", "B")).toBe(await bench.figure("sqnrDb", "A"));

  const link = await bench.copyLink();
  expect(link).toMatch(/my_own:=wasm\(sha256_[0-9a-f]{64}\)/);
  // Another browser has not seen the file.
  await bench.page.evaluate(() => indexedDB.deleteDatabase("quantscope-modules"));
  await bench.page.goto("about:blank");
  await bench.page.goto(link);
  await bench.settled();
  await expect(bench.page.getByText(/the module [0-9a-f]{8} is not here: drop its file/).first()).toBeVisible();
  await bench.drop(path);
  await bench.settled();
  expect(await bench.figure("sqnrDb", "B")).toBe(await bench.figure("sqnrDb", "A"));
  expect(context.pages()).toHaveLength(1);
});

test("a module that cannot be one, traps or lies is told so", async ({ bench }) => {
  await bench.open(START);
  await bench.drop(write("text.wasm", "no module"));
  await expect(bench.page.getByText("text.wasm: this file is no WebAssembly module.")).toBeVisible();
  await bench.drop(write("traps.wasm", await moduleOf("unreachable(); return 4;")));
  await bench.settled();
  await expect(
    bench.page.getByText(/the module [0-9a-f]{8} failed where it quantizes: unreachable/).first(),
  ).toBeVisible();
  const lies =
    "for (let i = 0; i < rows * cols; i++) { store<f32>(result + 4 * i, 0); store<u32>(codes + 4 * i, i % 16); } return 2;";
  await bench.drop(write("lies.wasm", await moduleOf(lies)));
  await bench.settled();
  await expect(
    bench.page.getByText(/says 2 bits a weight, but its own codes have an entropy of 4/).first(),
  ).toBeVisible();
});

test("a module is a point of a sweep, and one that never ends stops when it is no longer wanted", async ({ bench }) => {
  const { page } = bench;
  await bench.open(START);
  await bench.drop(write("mine.wasm", await example()));
  await page.getByRole("button", { name: "Sweep", exact: true }).click();
  await page.getByRole("textbox", { name: "Grid" }).fill("mine;int4/32;int8/32");
  await page.getByRole("textbox", { name: "Grid" }).press("Enter");
  const table = page.getByRole("grid", { name: "Points of the sweep" });
  await expect(table.getByRole("row").filter({ has: page.getByRole("gridcell") })).toHaveCount(3);
  await expect(table.getByRole("row").filter({ hasText: "mine" })).toHaveCount(1);

  await page.getByRole("button", { name: "Bench", exact: true }).click();
  const loops = "while (true) store<f32>(result, load<f32>(result) + 1); return 4;";
  const path = write("loops.wasm", await moduleOf(loops));
  const dropping = bench.drop(path);
  const pane = bench.pane("B");
  await pane.getByRole("button", { name: /^Cancel/ }).click();
  await dropping;
  await expect(pane).toContainText("Cancelled.");
  await bench.type("B", "mine");
  expect(await bench.figure("sqnrDb", "B")).toBe(await bench.figure("sqnrDb", "A"));
});
