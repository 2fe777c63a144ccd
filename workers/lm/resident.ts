/** A model that is held as a whole: window after window passes all of it. */
import type { Hidden, Network } from "../../kernels/network/index.ts";
import type { RunningModel } from "../models/running.ts";
import type { TextWindow } from "../models/text/windows.ts";
import { holdAll, type Streams } from "./hold.ts";
import { judge, type Passed } from "./judge.ts";
import { knownNoise, measureNoise } from "./noise.ts";
import type { NoiseFloor, WindowSide } from "./request.ts";
import type { RecipeSide } from "./side.ts";
import { Passing, type Stream } from "./streams.ts";
import type { Work } from "./work.ts";

/** Gives every window that was not given yet, and the noise floor. */
export async function evaluateHeld(work: Work, running: RunningModel): Promise<NoiseFloor | null> {
  const { cut, given, control, bench } = work;
  const streams = await holdAll(running, work.sides, control, (tensor) => control.give({ part: "tensor", tensor }));
  work.progress(given.size, "windows");
  let told = bench.seconds.has(work.plan.device);
  for (const window of cut.windows) {
    if (given.has(window.index)) continue;
    await evaluateWindow(work, running.network, streams, window);
    if (!told && bench.seconds.has(work.plan.device)) work.foretell();
    told = true;
  }
  const known = knownNoise(work);
  const noise =
    known !== undefined
      ? known
      : await measureNoise(work, async (window) => finalOf(work, running.network, streams.base, window));
  if (noise) control.give({ part: "noise", noise });
  return noise;
}

/** Names a window of a text on a device among all there may be of the model. */
export const windowKey = ({ textKey, plan }: Work, { index }: TextWindow): string =>
  JSON.stringify([plan.device, textKey, index]);

/** Runs a window through what is not known of it yet. */
async function evaluateWindow(work: Work, network: Network, streams: Streams, window: TextWindow): Promise<void> {
  const { bench, pace, sides } = work;
  const key = windowKey(work, window);
  const sideKey = (side: RecipeSide) => `${key} ${side.key}`;
  const results = sides.map((side) => bench.sides.get(sideKey(side)) ?? null);
  const missing = sides.flatMap((side, i) => (results[i] ? [] : [{ side, stream: streams.sides[i], i }]));
  const known = bench.bases.get(key);
  if (missing.length === 0 && known) return work.finish(window, known, results as WindowSide[]);
  const final = bench.finals.get(key);
  const wanted = missing.map(({ stream }) => stream);
  const passing = await pass(work, network, final ? wanted : [streams.base, ...wanted], window);
  let kept: Hidden | null = null;
  try {
    if (final) kept = await network.write(final, window.tokens.length);
    else bench.finals.set(key, await network.read(passing.of(streams.base)));
    const own = { network, stream: streams.base, hidden: kept ?? passing.of(streams.base) };
    const others = wanted.map((stream) => ({ network, stream, hidden: passing.of(stream) }));
    const { base, sides: judged } = await judge(window, own, others, pace);
    bench.bases.set(key, base);
    for (const [at, { side, i }] of missing.entries()) {
      results[i] = judged[at];
      bench.sides.set(sideKey(side), judged[at]);
    }
    work.finish(window, base, results as WindowSide[]);
  } finally {
    passing.release();
    if (kept) network.release(kept);
  }
}

/** Sends a window through all layers. */
async function pass(work: Work, network: Network, streams: readonly Stream[], window: TextWindow): Promise<Passing> {
  const { bench, plan, pace } = work;
  const start = performance.now();
  const passing = await Passing.start(network, streams, window.tokens);
  try {
    for (let layer = 0; layer < network.architecture.layers; layer++) {
      await passing.layer(layer);
      await pace();
    }
  } catch (error) {
    passing.release();
    throw error;
  }
  const seconds = (performance.now() - start) / 1000;
  if (streams.length > 0) bench.measured(plan.device, seconds / (streams.length * window.tokens.length));
  return passing;
}

/** A window behind the model's last layer. */
async function finalOf(work: Work, network: Network, base: Stream, window: TextWindow): Promise<Passed> {
  const final = work.bench.finals.get(windowKey(work, window));
  if (final) return { network, stream: base, hidden: await network.write(final, window.tokens.length) };
  const passing = await pass(work, network, [base], window);
  return { network, stream: base, hidden: passing.of(base) };
}
