import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cli } from "./command-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "model-signals-"));
afterAll(() => rmSync(folder, { recursive: true }));
const out = join(folder, "scores.json");
const few = ["--only", "model.layers.5.self_attn.*", "--windows", "1", "--tokens", "32"];

test("a signal that runs the model is in the scores beside nmse, and makes the mix; it is not made again", async () => {
  const asked = ["--recipes", "int3/128;int4/128", "--signal", "fisher", ...few, "--out", out];
  const first = await cli("model", "sample:small-llama", ...asked);
  expect(first.out).toMatch(/fisher: 1 windows, \d+ passes/);
  const scores = JSON.parse(readFileSync(out, "utf8"));
  expect(Object.keys(scores.signals)).toEqual(["nmse", "fisher"]);
  expect(scores.signals.fisher.about).toMatch(/1 of \d+ windows of 32 tokens of the text that comes with it/);
  const values: number[][] = scores.signals.fisher.values;
  expect(values).toHaveLength(4);
  for (const [three, four] of values) expect(three / four).toBeGreaterThan(1.5);
  const other = join(folder, "again.json");
  const again = await cli("model", "sample:small-llama", ...few, "--scores", out, "--signal", "fisher", "--out", other);
  expect(again.out).not.toMatch(/passes of the network/);
  expect(JSON.parse(readFileSync(other, "utf8")).signals.fisher.values).toEqual(values);
});

test("options of such signals say what they may be", async () => {
  const args = ["--recipes", "int3/128", "--signal", "trace", ...few, "--hessian", "none"];
  const { status, err } = await cli("model", "sample:small-llama", ...args);
  expect(status).toBe(1);
  expect(err).toMatch(/--hessian is inputs or network, not "none"/);
});
