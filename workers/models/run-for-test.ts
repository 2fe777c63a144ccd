/** Runs a model for tests: its own weights, one window, on wasm. */
import { openNetwork } from "../../kernels/network/index.ts";
import { signal } from "./golden-for-test.ts";
import type { Model } from "./model.ts";

/** Logits of the tokens from `from` on, one row a token. */
export async function logitsOf(
  model: Model,
  tokens: ArrayLike<number>,
  from = tokens.length - 1,
): Promise<Float32Array> {
  const network = await openNetwork(model.architecture, { device: "wasm" });
  try {
    const ends = await network.load("ends", await model.weights("ends", signal));
    let hidden = await network.embed(ends, Uint32Array.from(tokens));
    for (let layer = 0; layer < model.architecture.layers; layer++) {
      const loaded = await network.load(layer, await model.weights(layer, signal));
      const next = await network.layer(layer, loaded, hidden);
      network.release(loaded);
      network.release(hidden);
      hidden = next;
    }
    return await network.logits(ends, hidden, from, tokens.length);
  } finally {
    network.end();
  }
}
