import { afterAll, beforeAll, expect, it } from "vitest";
import type { Site, Taps } from "../../kernels/network/index.ts";
import { openSample, setupOf } from "./open-for-test.ts";

const signal = new AbortController().signal;
let setup: ReturnType<typeof setupOf>;
beforeAll(async () => {
  setup = setupOf(await openSample());
});
afterAll(async () => {
  await setup.machines.end();
  setup.model.source.close();
});

it("gives each weight that reads an input one of its own, where they differ", { timeout: 60_000 }, async () => {
  const running = await setup.running("wasm");
  const { network } = running;
  const hidden = await network.embed(await running.held("ends", signal), Uint32Array.of(0, 38, 3960, 851, 269));
  const weights = await running.held(0, signal);
  const seen = new Map<string, Float32Array>();
  const pass = async (
    put: (site: Site, values: Float32Array, rows: number, cols: number) => Float32Array | undefined,
  ) => {
    const taps: Taps = {
      wants: () => true,
      at: async (site, values, rows, cols) => {
        seen.set(site.kind === "input" ? site.name : site.kind, values.slice());
        return put(site, values, rows, cols);
      },
    };
    return network.read(await network.layer(0, weights, hidden, taps));
  };
  /** For each reader the values times its factor. */
  const times = (factors: readonly number[]) => (site: Site, values: Float32Array, rows: number, cols: number) => {
    if (!site.readers.some((name) => name.includes(factors.length === 3 ? "q_proj" : "gate_proj"))) return undefined;
    const out = new Float32Array(factors.length * values.length);
    for (let r = 0; r < rows; r++)
      for (const [i, factor] of factors.entries())
        for (let c = 0; c < cols; c++) out[(r * factors.length + i) * cols + c] = factor * values[r * cols + c];
    return out;
  };
  const plain = await pass(() => undefined);
  const usual = new Map(seen);
  expect(await pass(times([1, 1, 1]))).toEqual(plain);
  expect(await pass(times([1, 1]))).toEqual(plain);
  await pass(times([1, 2, 0]));
  expect(seen.get("queries")).toEqual(usual.get("queries"));
  expect(seen.get("keys")).toEqual(usual.get("keys")!.map((x) => 2 * x));
  expect(seen.get("values")!.every((x) => x === 0)).toBe(true);
  // silu(gate) up: without an up there is nothing for the last matrix to read.
  await pass(times([1, 0]));
  expect(seen.get("model.layers.0.mlp.down_proj")!.every((x) => x === 0)).toBe(true);
  await pass(times([1, 2]));
  expect(seen.get("model.layers.0.mlp.down_proj")).toEqual(
    usual.get("model.layers.0.mlp.down_proj")!.map((x) => 2 * x),
  );
});
