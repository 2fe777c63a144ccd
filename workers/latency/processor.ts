import { loadProduct } from "../../kernels/signals/latency/wasm.ts";
import type { LatencyMachine } from "./machine.ts";

/** WebAssembly on this thread, by wall time. */
export const processor = (): LatencyMachine => ({
  name: "wasm",
  device: "the processor, one thread of WebAssembly",
  clock: "wall time",
  limit: 2 ** 27,
  async load(packed, token) {
    const loaded = await loadProduct(packed, token);
    return {
      async time(products) {
        const since = performance.now();
        loaded.multiply(products);
        return performance.now() - since;
      },
      product: async () => loaded.product(),
      close() {},
    };
  },
  close() {},
});
