/** `--wasm FILE`: the example against the recipe that it spells out, and files that are none. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { compiledModule } from "../../kernels/testing/own-module.ts";
import { digestOf } from "../modules/names.ts";
import { captured } from "./capture-for-test.ts";
import { exportFile } from "./export.ts";
import { quantize } from "./quantize.ts";
import { sweep } from "./sweep.ts";

const generator = "gen:normal(rows=16,cols=64,seed=3)";
let folder: string;
let mine: string;
let digest: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "modules-"));
  mine = join(folder, "mine.wasm");
  const source = new URL("../../kernels/codes/module/assembly/example.ts", import.meta.url);
  const bytes = await compiledModule(await readFile(source, "utf8"));
  await writeFile(mine, bytes);
  digest = digestOf(bytes);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function report(...args: string[]) {
  const { lines } = await captured(quantize, [generator, ...args, "--json"]);
  return JSON.parse(lines[0]);
}

it.each(["reference", "wasm"])("has the figures of int4/32, measured on %s", async (backend) => {
  const own = await report("--wasm", mine, "--backend", backend);
  const theirs = await report("--recipe", "int4/32", "--backend", backend);
  expect(own).toMatchObject({ recipe: "mine", backend, notes: [`mine:=wasm(${digest})`] });
  for (const name of ["nmse", "maxAbs", "cosine", "bitsPerWeight", "codeEntropy"]) {
    expect(own.metrics[name]).toBeCloseTo(theirs.metrics[name], 9);
  }
});

it("stands in recipes by its file's name, or by one of the reader's own", async () => {
  const theirs = await report("--recipe", "rht(32,seed=1)+int4/32");
  const own = await report("--wasm", mine, "--recipe", "rht(32,seed=1)+mine");
  expect(own.metrics.nmse).toBeCloseTo(theirs.metrics.nmse, 9);
  const named = await report("--wasm", mine, "--define", `own4:=wasm(${digest})`, "--recipe", "own4");
  expect(named).toMatchObject({ recipe: "own4", notes: [`own4:=wasm(${digest})`] });
});

it("is a point of a sweep", async () => {
  const { lines } = await captured(sweep, [generator, "--wasm", mine, "--recipes", "int4/32;int8/32", "--json"]);
  const { points, notes } = JSON.parse(lines[0]);
  const of = (recipe: string) => points.find((p: { recipe: string }) => p.recipe === recipe).metrics;
  expect(points).toHaveLength(3);
  expect(of("mine").bitsPerWeight).toBe(5);
  expect(of("mine").nmse).toBeCloseTo(of("int4/32").nmse, 9);
  expect(notes).toEqual([`mine:=wasm(${digest})`]);
});

it("is written to a file as every recipe's results are", async () => {
  const [own, theirs] = [join(folder, "own.npy"), join(folder, "theirs.npy")];
  const to = (out: string) => [generator, "--format", "npy", "--dtype", "f32", "--out", out];
  await captured(exportFile, [...to(own), "--wasm", mine, "--recipe", "mine"]);
  await captured(exportFile, [...to(theirs), "--recipe", "int4/32"]);
  expect(await readFile(own)).toEqual(await readFile(theirs));
});

it("refuses files that are no modules, and modules that are not there", async () => {
  await expect(report("--wasm", join(folder, "none.wasm"))).rejects.toThrow("none.wasm is no file.");
  const text = join(folder, "text.wasm");
  await writeFile(text, "no module");
  await expect(report("--wasm", text)).rejects.toThrow("text.wasm: this file is no WebAssembly module.");
  const other = `wasm(sha256_${"1".repeat(64)})`;
  await expect(report("--wasm", mine, "--recipe", other)).rejects.toThrow("the module 11111111 is not here");
  await expect(report("--wasm", mine, "--quantizer", "true")).rejects.toThrow("exclude each other");
});
