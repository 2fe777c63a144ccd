import { describe, expect, test } from "vitest";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { type Hidden, type Loaded, NO_TARGET, openNetwork, readArchitecture } from "./index.ts";
import { hashed, type OracleCase, oracleCases, oracleParts } from "./testing/oracle.ts";

const cases = oracleCases();

/** Largest difference of two lists, relative to the largest of their values. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const spread = Array.from(b).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return Array.from(b).reduce((most, one, i) => Math.max(most, Math.abs(one - a[i])), 0) / spread;
}

async function check(one: OracleCase, device: "wasm" | "webgpu", order: "usual" | "other" = "usual") {
  const architecture = readArchitecture(one.config);
  const all = ["ends" as const, ...Array.from({ length: architecture.layers }, (_, i) => i)];
  const parts = all.flatMap((of) => architecture.parts(of)).filter((part) => !part.optional);
  expect(Object.fromEntries(parts.map(({ name, shape }) => [name, shape]).sort())).toEqual(one.parts);
  const gpu = device === "webgpu" ? await startDawn({ software: true }) : undefined;
  const network = await openNetwork(architecture, { device, gpu, order });
  const ids = Uint32Array.from(one.tokens);
  const ends = await network.load("ends", oracleParts(architecture, "ends"));
  const layers: Loaded[] = [];
  const hidden: Hidden[] = [await network.embed(ends, ids)];
  for (let i = 0; i < architecture.layers; i++) {
    layers.push(await network.load(i, oracleParts(architecture, i)));
    hidden.push(await network.layer(i, layers[i], hidden[i]));
  }
  const last = hidden[architecture.layers];
  const logits = await network.logits(ends, last, ids.length - 1, ids.length);
  expect(apart(logits, one.logits)).toBeLessThan(1e-5);
  const targets = Uint32Array.from(ids, (_, t) => (t + 1 < ids.length ? ids[t + 1] : NO_TARGET));
  const loss = await network.loss(ends, last, targets);
  expect(Math.abs(loss.nll.reduce((a, b) => a + b) / one.nll - 1)).toBeLessThan(1e-5);
  if (one.gradient) {
    const slopes = { outputs: {} as Record<string, number>, weights: {} as Record<string, number> };
    let gradient = loss.gradient;
    for (let i = architecture.layers - 1; i >= 0; i--) {
      gradient = await network.backward(i, layers[i], hidden[i], gradient, {
        wants: ({ linear }) => ({ output: i === 0 && linear, weight: i === 0 && linear }),
        output: async ({ name }, values, rows, cols, tokens) => {
          const way = hashed(`output ${name}`, ids.length * cols);
          slopes.outputs[name] = 0;
          for (let k = 0; k < rows * cols; k++) {
            const token = tokens ? tokens[Math.floor(k / cols)] : Math.floor(k / cols);
            slopes.outputs[name] += values[k] * way[token * cols + (k % cols)];
          }
        },
        weight: async ({ name }, values) => {
          const way = hashed(`weight ${name}`, values.length);
          slopes.weights[name] = values.reduce((sum, value, k) => sum + value * way[k], 0);
        },
      });
    }
    expect(apart(await network.read(gradient), one.gradient)).toBeLessThan(2e-4);
    for (const what of ["outputs", "weights"] as const) {
      // An expert that met no token has no gradient, and is not asked.
      const names = Object.keys(one[what]!).filter((name) => one[what]![name] !== 0);
      expect(
        Object.keys(slopes[what])
          .filter((name) => slopes[what][name] !== 0)
          .sort(),
      ).toEqual(names.sort());
      expect(
        apart(
          names.map((name) => slopes[what][name]),
          names.map((name) => one[what]![name]),
        ),
      ).toBeLessThan(2e-4);
    }
  }
  network.end();
}

describe("logits, likelihoods and gradients of NumPy", () => {
  test.each(cases)("%s", (_, one) => check(one, "wasm"));
  const some = cases.filter(([name]) => ["gemma2", "qwen3_moe, one layer dense"].includes(name));
  test.each(some)("%s, on WebGPU", (_, one) => check(one, "webgpu"));
  test.each(some)("%s, sums taken in another order", (_, one) => check(one, "wasm", "other"));
});
