import type { Hidden, Loaded, Network, Taps } from "../../kernels/network/index.ts";
import type { TextWindow } from "../models/text/windows.ts";

/** All windows between two layers. */
export interface Stream {
  readonly hidden: Hidden[];
  /** A window through a layer; `onward`: it stays behind it, else before it. */
  pass(window: number, layer: number, weights: Loaded, taps: Taps, onward: boolean): Promise<void>;
  /** Values of every window, tokens x width. */
  read(): Promise<Float32Array[]>;
  release(): void;
}

export async function startStream(
  network: Network,
  ends: Loaded,
  windows: readonly Pick<TextWindow, "tokens">[],
): Promise<Stream> {
  const hidden: Hidden[] = [];
  const release = () => {
    for (const one of hidden.splice(0)) network.release(one);
  };
  try {
    for (const { tokens } of windows) hidden.push(await network.embed(ends, tokens));
  } catch (error) {
    release();
    throw error;
  }
  return {
    hidden,
    async pass(window, layer, weights, taps, onward) {
      const after = await network.layer(layer, weights, hidden[window], taps);
      network.release(onward ? hidden[window] : after);
      if (onward) hidden[window] = after;
    },
    async read() {
      const out: Float32Array[] = [];
      for (const one of hidden) out.push(await network.read(one));
      return out;
    },
    release,
  };
}
