/** `attention FILE` on heads that lie side by side, two of them sharing keys and values. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { npyBytes } from "../export/npy-header.ts";
import { cli, commandPath } from "./command-for-test.ts";

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quantscope-attention-"));
  file = join(folder, "triple.safetensors");
  const tensor = (name: string, rows: number, cols: number, seed: number) => ({
    ...{ name, dtype: "F32", shape: [rows, cols], bytes: npyBytes("<f4", normalValues(rows * cols, seed)) },
  });
  await writeFile(file, writeSafetensors([tensor("q", 32, 64, 1), tensor("k", 40, 32, 2), tensor("v", 40, 32, 3)]));
  await commandPath();
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = (...args: string[]) =>
  cli(
    "attention",
    file,
    ...["queries", "keys", "values"].flatMap((role) => [`--${role}`, role[0]]),
    "--heads",
    "4",
    ...["--key-heads", "2"],
    ...args,
  );

it("prints one object with what was done to each part, by head and over all", async () => {
  const { status, out } = await ask("--keys-recipe", "int4(asym)/col", "--values-recipe", "int8/row", "--json");
  expect(status).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ recipes: { keys: "int4(asym)/col", values: "int8/row" }, tokens: 32, keyTokens: 40 });
  expect(report.byHead).toHaveLength(4);
  expect(report.figures.outputNmse).toBeGreaterThan(0);
  expect(report.figures.outputNmse).toBeLessThan(0.1);
  expect(report.figures.broken).toBe(0);
});

it("says in words what the figures are", async () => {
  const { out } = await ask("--probabilities-recipe", "e2m1/8:e4m3/row");
  expect(out).toMatch(/probabilities +e2m1\/8:e4m3\/row/);
  expect(out).toMatch(/queries +as they are +-/);
  expect(out).toMatch(/cosine of outputs +0\.9/);
});

it.each([
  [["--keys-recipe", "int4/row", "--heads", "5"], /q has 64 columns, which are not 5 heads of one width/],
  [["--keys-recipe", "int4/row", "--key-heads", "4"], /A query has 16 values and a key 8/],
  [["--keys-recipe", "int4/row", "--heads", "none"], /--heads is a whole number of heads, not "none"/],
  [[], /attention needs a recipe: --queries-recipe/],
  [["--keys-recipe", "int4/5x5@"], /expected/],
])("is refused for %j", async (args, message) => {
  const { status, err } = await ask(...args);
  expect(status).toBe(1);
  expect(err).toMatch(message);
});
