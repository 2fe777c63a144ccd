/** What rounding alone makes of the model as it is: its KL to itself, with every sum over inputs added in another order. */
import type { Loaded } from "../../kernels/network/index.ts";
import type { RunningModel } from "../models/running.ts";
import type { TextWindow } from "../models/text/windows.ts";
import { meanOf } from "./figures/estimate.ts";
import { judge, type Passed } from "./judge.ts";
import { allOf } from "./plan.ts";
import type { NoiseFloor } from "./request.ts";
import { Passing, type Stream } from "./streams.ts";
import type { Work } from "./work.ts";

/** Windows that it is measured on: it varies little between them. */
const WINDOWS = 2;

/** The windows that the noise floor of a text is measured on. */
export const noiseWindows = ({ cut }: Pick<Work, "cut">): TextWindow[] => cut.windows.slice(0, WINDOWS);

const keyOf = ({ plan, textKey, cut }: Work): string =>
  JSON.stringify([plan.device, textKey, noiseWindows({ cut }).map(({ index }) => index)]);

/** What is known of it already: undefined where it has to be measured; null where there is no recipe to compare with it. */
export function knownNoise(work: Work): NoiseFloor | null | undefined {
  return work.sides.length === 0 ? null : noiseSoFar(work);
}

/** What was measured of the text's windows on this device already. */
export const noiseSoFar = (work: Work): NoiseFloor | undefined => work.bench.noise.get(keyOf(work));

/** Takes divergences of windows for the noise floor; null where some are not finite. */
export function keepNoise(work: Work, kls: readonly Float64Array[]): NoiseFloor | null {
  const { value } = meanOf(kls);
  if (value === null || value - value !== 0) return null;
  // Rounding leaves a mean of zero, or just below it, where both orders gave the same.
  const noise = { kl: Math.max(0, value), windows: kls.length };
  work.bench.noise.set(keyOf(work), noise);
  return noise;
}

/** Measures it by reading the model a layer at a time once more. `base` gives windows that have passed the model as it is. */
export async function measureNoise(
  work: Work,
  base: (window: TextWindow) => Promise<Passed>,
): Promise<NoiseFloor | null> {
  const { setup, plan, control, pace } = work;
  const { architecture } = setup.model;
  const other = await setup.other(plan.device);
  try {
    const now = new Map<number | "ends", Loaded>();
    const stream: Stream = { weights: (of) => now.get(of)!, taps: () => undefined };
    now.set("ends", await other.read("ends", control.signal));
    const windows = noiseWindows(work);
    const passing: Passing[] = [];
    for (const { tokens } of windows) passing.push(await Passing.start(other.network, [stream], tokens));
    for (const layer of allOf(architecture).filter((of) => of !== "ends")) {
      now.set(layer, await other.read(layer, control.signal));
      for (const one of passing) {
        await one.layer(layer);
        await pace();
      }
      other.network.release(now.get(layer)!);
    }
    return keepNoise(work, await noiseKls(work, windows, other, stream, passing, base));
  } finally {
    other.end();
  }
}

/** Divergences of windows that have passed both. */
export async function noiseKls(
  { pace }: Pick<Work, "pace">,
  windows: readonly TextWindow[],
  { network }: Pick<RunningModel, "network">,
  stream: Stream,
  passing: readonly Passing[],
  base: (window: TextWindow) => Promise<Passed>,
): Promise<Float64Array[]> {
  const kls: Float64Array[] = [];
  for (const [i, window] of windows.entries()) {
    const usual = await base(window);
    const { sides } = await judge(window, usual, [{ network, stream, hidden: passing[i].of(stream) }], pace);
    usual.network.release(usual.hidden);
    kls.push(sides[0].kl);
  }
  return kls;
}
