import { describe, expect, test } from "vitest";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { openNetwork, readArchitecture } from "./index.ts";
import { goldenModels, readGolden } from "./testing/golden.ts";
import { runGolden } from "./testing/run.ts";

const names = goldenModels();

describe.skipIf(names.length === 0)(
  `logits of transformers${names.length === 0 ? " (golden data is absent)" : ""}`,
  () => {
    describe.each(["wasm", "webgpu"] as const)("on %s", (device) => {
      test.each(names)("%s", async (name) => {
        const golden = readGolden(name);
        const gpu = device === "webgpu" ? await startDawn({ software: true }) : undefined;
        const network = await openNetwork(readArchitecture(golden.config), { device, gpu });
        const { last, nll, norms } = await runGolden(network, golden);
        network.end();
        const { last_logits, nll: wanted, hidden_norms } = golden.expected;
        const spread = Math.max(...last_logits.map(Math.abs));
        const worst = Math.max(...last_logits.map((one, i) => Math.abs(one - last[i])));
        expect(worst / spread).toBeLessThan(1e-5);
        expect(Math.abs(nll - wanted)).toBeLessThan(1e-5);
        expect(norms.length).toBe(hidden_norms.length);
        for (const [i, norm] of norms.entries()) expect(Math.abs(norm / hidden_norms[i] - 1)).toBeLessThan(1e-5);
      });
    });
  },
);
