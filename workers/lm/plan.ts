/** What a run will take, said before it begins. */
import type { Architecture } from "../../kernels/network/index.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model } from "../models/model.ts";
import type { Of } from "../models/running.ts";
import type { CutText } from "../models/text/windows.ts";
import { MEMORY_LIMIT } from "../runs/memory.ts";
import type { LmBench } from "./bench.ts";
import type { LmDevice, LmPlan } from "./request.ts";
import type { RecipeSide } from "./side.ts";

/** Logits of a piece and what is made of them, for the model as it is and a side. */
const PIECES_BYTES = 2 ** 25;

export interface PlanOptions {
  model: Pick<Model, "architecture" | "size">;
  cut: CutText;
  tokens: number;
  sides: readonly RecipeSide[];
  device: LmDevice;
  budget: number | null;
  text: string;
  overlap: string | null;
  bench: Pick<LmBench, "seconds">;
}

/** Layers, then what stands before and behind them. */
export const allOf = ({ layers }: Pick<Architecture, "layers">): Of[] => [...Array(layers).keys(), "ends"];

/**
 * Whether the model is held as a whole, or passes layer by layer with all windows, and what that takes. Throws UserError where neither
 * fits the budget, with what would.
 */
export function planOf({ model, cut, tokens, sides, device, budget, text, overlap, bench }: PlanOptions): LmPlan {
  const { architecture } = model;
  const most = budget ?? MEMORY_LIMIT;
  const streams = 1 + sides.length;
  const beside = (of: Of): number => sides.reduce((sum, side) => sum + side.bytesOf(of), 0);
  const layer = (of: Of): number => model.size(of).memory + beside(of);
  const window = 4 * architecture.width * (cut.windows[0]?.tokens.length ?? 0);
  const whole = allOf(architecture).reduce<number>((sum, of) => sum + layer(of), 0);
  const held = whole + 2 * streams * window + PIECES_BYTES;
  const streamed = held > most;
  const largest = Math.max(...allOf(architecture).map((of) => (of === "ends" ? 0 : layer(of))));
  const weights = layer("ends") + largest + PIECES_BYTES;
  const passing = weights + cut.windows.length * streams * window;
  if (streamed && passing > most) {
    const fit = Math.floor((most - weights) / (streams * window));
    const way =
      fit >= 1
        ? `${fit} ${fit === 1 ? "window fits" : "windows fit"}, or allow more.`
        : `Layer by layer, with one window, it takes ${formatBytes(weights + streams * window)}.`;
    throw new UserError(
      `${architecture.about}: ${cut.windows.length} windows take ${formatBytes(passing)}, and ${formatBytes(most)} are allowed. ${way}`,
    );
  }
  const rate = bench.seconds.get(device);
  const passed = cut.windows.reduce((sum, one) => sum + one.tokens.length, 0);
  return {
    windows: cut.windows.length,
    windowsInAll: cut.inAll,
    predictions: cut.predictions,
    tokensInAll: tokens,
    leftOver: cut.leftOver,
    streamed,
    bytesRead: model.size("all").read,
    bytesHeld: streamed ? passing : held,
    device,
    seconds: rate === undefined ? null : rate * passed * streams,
    text,
    overlap,
  };
}
