import { getWebGPUDevice } from "@jax-js/jax";
import { expect, test } from "vitest";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { NetworkLostError, openNetwork, readArchitecture } from "./index.ts";
import { oracleCases, oracleParts } from "./testing/oracle.ts";

test("on a GPU, too, NaN comes through as NaN", async () => {
  const architecture = readArchitecture(oracleCases()[0][1].config);
  const network = await openNetwork(architecture, { device: "webgpu", gpu: await startDawn({ software: true }) });
  const ends = await network.load("ends", oracleParts(architecture, "ends"));
  const parts = oracleParts(architecture, 0);
  const [name, values] = [...parts].find(([part]) => part.endsWith("k_proj.weight"))!;
  const layer = await network.load(0, parts.set(name, values.fill(Number.NaN)));
  const hidden = await network.layer(0, layer, await network.embed(ends, Uint32Array.of(1, 2, 3)));
  expect((await network.logits(ends, hidden, 0, 3)).every((one) => Number.isNaN(one))).toBe(true);
  network.end();
});

test("a GPU that is lost between windows is told by name, and a processor goes on", async () => {
  const architecture = readArchitecture(oracleCases()[0][1].config);
  const tokens = Uint32Array.of(1, 2, 3);
  const gpu = await startDawn({ software: true });
  const network = await openNetwork(architecture, { device: "webgpu", gpu });
  const ends = await network.load("ends", oracleParts(architecture, "ends"));
  const layer = await network.load(0, oracleParts(architecture, 0));
  const hidden = await network.layer(0, layer, await network.embed(ends, tokens));
  const before = await network.read(hidden);
  getWebGPUDevice().destroy();
  await expect(network.layer(0, layer, hidden)).rejects.toThrow(NetworkLostError);
  await expect(network.embed(ends, tokens)).rejects.toThrow(/The GPU was lost/);
  await expect(openNetwork(architecture, { device: "webgpu", gpu })).rejects.toThrow(NetworkLostError);
  network.end();
  const other = await openNetwork(architecture, { device: "wasm" });
  const again = await other.embed(await other.load("ends", oracleParts(architecture, "ends")), tokens);
  const after = await other.read(await other.layer(0, await other.load(0, oracleParts(architecture, 0)), again));
  expect(Math.max(...after.map((one, i) => Math.abs(one - before[i])))).toBeLessThan(1e-5);
  other.end();
});
