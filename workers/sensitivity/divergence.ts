/**
 * KL of the model as it is against the model with a few weights, or what layers keep of tokens, quantized, for many such changes: each
 * window passes the layers from the first change on, and is compared with all changes of a layer at once.
 */
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { Hidden, Loaded } from "../../kernels/network/index.ts";
import { UserError } from "../errors/user-error.ts";
import { judge } from "../lm/judge.ts";
import { allOf } from "../lm/plan.ts";
import type { WindowSide } from "../lm/request.ts";
import { windowKey } from "../lm/resident.ts";
import { type RecipeSide, SideLoads } from "../lm/side.ts";
import type { Stream } from "../lm/streams.ts";
import type { Of, RunningModel } from "../models/running.ts";
import type { TextWindow } from "../models/text/windows.ts";
import { type Change, firstOf, type Ground, sideOf } from "./ground.ts";
import type { Prefixes, Weights } from "./prefixes.ts";

/** Bytes of windows on their way that are held on the device. */
export const MOVING_BYTES = 2 ** 27;

/** A change, as windows pass it. */
interface Variant {
  index: number;
  side: RecipeSide;
  first: number;
}

/** What became of a change: a result for each window, or why there is none. */
export type Outcome = { windows: WindowSide[]; refused: null } | { windows: null; refused: string };

export interface DivergenceTools {
  ground: Ground;
  running: RunningModel;
  weights: Weights;
  ends: Loaded;
  prefixes: Prefixes;
  /** Told of each window that has passed: the share of the layers that it had to. */
  passed(share: number): void;
}

/** Measures changes, and gives each when all windows have passed it. Rejects with AbortError or NetworkLostError. */
export async function divergences(
  tools: DivergenceTools,
  changes: readonly Change[],
  give: (index: number, outcome: Outcome) => void,
): Promise<void> {
  const { ground } = tools;
  const { work } = ground;
  const { windows } = work.cut;
  const groups = new Map<number, Variant[]>();
  for (const [index, change] of changes.entries()) {
    let side: RecipeSide;
    try {
      side = sideOf(ground, change);
    } catch (error) {
      give(index, { windows: null, refused: reasonOf(error) });
      continue;
    }
    const known = windows.map((window) => knownOf(ground, side, window));
    if (known.every((one) => one !== undefined)) {
      give(index, { windows: known, refused: null });
      continue;
    }
    const first = firstOf(ground, change);
    groups.set(first, [...(groups.get(first) ?? []), { index, side, first }]);
  }
  const { width } = ground.setup.model.architecture;
  const bytes = 4 * width * Math.max(...windows.map(({ tokens }) => tokens.length));
  const atOnce = Math.max(1, Math.floor(MOVING_BYTES / bytes));
  for (const [, variants] of [...groups].sort(([a], [b]) => a - b)) {
    for (let at = 0; at < variants.length; at += atOnce) {
      await passGroup(tools, variants.slice(at, at + atOnce), atOnce, give);
    }
  }
}

const keyOf = ({ work }: Ground, side: RecipeSide, window: TextWindow): string =>
  `${windowKey(work, window)} ${side.key}`;
const knownOf = (ground: Ground, side: RecipeSide, window: TextWindow): WindowSide | undefined =>
  ground.work.bench.sides.get(keyOf(ground, side, window));

/** A sentence for the person; throws what is not for them. */
export function reasonOf(error: unknown): string {
  if (error instanceof RecipeError || error instanceof UserError) return error.message;
  throw error;
}

/** Changes that begin in one layer, on all windows, a few windows at a time. */
async function passGroup(
  tools: DivergenceTools,
  asked: readonly Variant[],
  atOnce: number,
  give: (index: number, outcome: Outcome) => void,
): Promise<void> {
  const { ground, running, weights } = tools;
  const { work, control } = ground;
  const loads = new SideLoads(running);
  const lengths = [...new Set(work.cut.windows.map(({ tokens }) => tokens.length))];
  try {
    const own = new Map<Variant, Map<Of, Loaded>>();
    for (const variant of asked) {
      try {
        const layers = await quantizedOf(tools, variant, loads);
        for (const of of allOf(ground.setup.model.architecture)) await variant.side.readyCache(of, lengths);
        own.set(variant, layers);
      } catch (error) {
        give(variant.index, { windows: null, refused: reasonOf(error) });
      }
    }
    const variants = [...own.keys()];
    if (variants.length === 0) return;
    const results = variants.map((): WindowSide[] => []);
    const step = Math.max(1, Math.floor(atOnce / variants.length));
    for (let at = 0; at < work.cut.windows.length; at += step) {
      const windows = work.cut.windows.slice(at, at + step);
      const moving: Hidden[][] = [];
      try {
        for (const w of windows.keys()) moving.push(await started(tools, variants, own, at + w));
        const first = Math.max(0, variants[0].first);
        for (let layer = first; layer < ground.setup.model.architecture.layers; layer++) {
          const stored = await weights.take(layer);
          for (const hidden of moving) {
            for (const [v, variant] of variants.entries()) {
              const held = own.get(variant)!.get(layer) ?? stored;
              const after = await running.network.layer(layer, held, hidden[v], variant.side.taps(layer));
              running.network.release(hidden[v]);
              hidden[v] = after;
              await work.pace();
            }
          }
          weights.leave(stored);
        }
        for (const [w, window] of windows.entries()) {
          const sides = await judged(tools, window, at + w, variants, own, moving[w]);
          for (const [v, one] of sides.entries()) {
            results[v].push(one);
            work.bench.sides.set(keyOf(ground, variants[v].side, window), one);
          }
          control.signal.throwIfAborted();
        }
      } finally {
        for (const hidden of moving.flat()) running.network.release(hidden);
      }
    }
    for (const [v, { index }] of variants.entries()) give(index, { windows: results[v], refused: null });
  } finally {
    loads.keepOnly([], []);
  }
}

/** The layers of a change that are not as stored. */
async function quantizedOf(
  { ground, running, weights }: DivergenceTools,
  { side }: Variant,
  loads: SideLoads,
): Promise<Map<Of, Loaded>> {
  const own = new Map<Of, Loaded>();
  for (const of of allOf(ground.setup.model.architecture)) {
    if (side.keyOf(of) === "") continue;
    const stored = await weights.take(of);
    own.set(of, await side.load(running, of, stored, loads, { ...ground.control, progress() {} }, () => {}));
    weights.leave(stored);
  }
  return own;
}

/** A window before the first changed weight, once for each change. */
async function started(
  { running: { network }, ground, prefixes, ends }: DivergenceTools,
  variants: readonly Variant[],
  own: ReadonlyMap<Variant, ReadonlyMap<Of, Loaded>>,
  window: number,
): Promise<Hidden[]> {
  const out: Hidden[] = [];
  for (const variant of variants) {
    if (variant.first >= 0) out.push(await prefixes.write(variant.first, window));
    else out.push(await network.embed(own.get(variant)!.get("ends") ?? ends, ground.work.cut.windows[window].tokens));
  }
  return out;
}

async function judged(
  { running: { network }, ground, ends, prefixes, passed }: DivergenceTools,
  window: TextWindow,
  index: number,
  variants: readonly Variant[],
  own: ReadonlyMap<Variant, ReadonlyMap<Of, Loaded>>,
  moving: readonly Hidden[],
): Promise<WindowSide[]> {
  const { layers } = ground.setup.model.architecture;
  const streamOf = (variant: Variant | null): Stream => ({
    weights: (of) => (variant && own.get(variant)!.get(of)) ?? ends,
    taps: (of) => variant?.side.taps(of),
  });
  const final = await prefixes.write(layers, index);
  try {
    const base = { network, stream: streamOf(null), hidden: final };
    const others = variants.map((variant, v) => ({ network, stream: streamOf(variant), hidden: moving[v] }));
    const { sides } = await judge(window, base, others, ground.work.pace);
    for (const { first } of variants) passed((layers - Math.max(0, first)) / layers);
    return sides;
  } finally {
    network.release(final);
  }
}
