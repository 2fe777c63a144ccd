/**
 * `gradient` at the model that has the recipe everywhere. AutoRound adds up |gradient times change| of the cross entropy; MLX takes the KL to
 * the model as it is, whose gradient vanishes there, and adds up gradient times change with its sign: what the change adds to it, to first order.
 */
import type { Hidden, Loaded } from "../../kernels/network/index.ts";
import { meanOfSums, noEstimate } from "../lm/figures/estimate.ts";
import { SideLoads } from "../lm/side.ts";
import type { Changed } from "./changed.ts";
import { changeOr, countsOf, firstLacking, LayerSums, put } from "./gradient-scores.ts";
import { type Scored, sideOf } from "./ground.ts";
import type { MakerTools } from "./signals.ts";
import { sweepBack } from "./sweep.ts";

/** `gradient` at the model that has a recipe in all scored tensors, a recipe after the other. */
export async function atQuantized(tools: MakerTools): Promise<void> {
  const { ground, running, sheet, weights } = tools;
  const { network } = running;
  const { layers } = ground.setup.model.architecture;
  const ofDivergence = tools.asked.gradientAt === "divergence";
  firstLacking(tools, ["gradient"]);
  for (const recipe of ground.recipes) {
    const scored: { one: Scored; changed: Changed }[] = [];
    for (const one of ground.tensors) {
      if (sheet.has("gradient", one.tensor, recipe)) continue;
      const changed = await changeOr(tools, one, recipe, ["gradient"]);
      if (changed) scored.push({ one, changed });
    }
    if (scored.length === 0) continue;
    const refused = (tensor: string) => sheet.get("gradient", tensor, recipe)?.refused !== undefined;
    const all = ground.tensors.filter(({ of, tensor }) => of !== "ends" && !refused(tensor));
    const side = sideOf(
      ground,
      all.map(({ tensor }) => ({ tensor, recipe })),
    );
    const loads = new SideLoads(running);
    try {
      const own = new Map<number, Loaded>();
      const entering: Float32Array[][] = [await tools.prefixes.before(0)];
      for (let layer = 0; layer < layers; layer++) {
        const stored = await weights.take(layer);
        own.set(layer, await side.load(running, layer, stored, loads, { ...ground.control, progress() {} }, () => {}));
        const next: Float32Array[] = [];
        for (const [w, { tokens }] of ground.work.cut.windows.entries()) {
          const hidden = await network.write(entering[layer][w], tokens.length);
          const after = await network.layer(layer, own.get(layer)!, hidden);
          next.push(await network.read(after));
          network.release(hidden);
          network.release(after);
          tools.passed(1 / layers);
          await ground.work.pace();
        }
        entering.push(next);
        weights.leave(stored);
      }
      let sums: LayerSums | null = null;
      await sweepBack(tools, {
        until: Math.min(...scored.map(({ one }) => one.of as number)),
        weights: (layer) => own.get(layer),
        before: async (layer) => entering[layer],
        ...(ofDivergence && { loss: (window, final) => divergenceGradient(tools, window, final) }),
        taps(layer, window) {
          sums ??= new LayerSums(
            ground,
            scored.flatMap(({ one }) => (one.of === layer ? [one] : [])),
          );
          return sums.taps(window, ground.control.signal);
        },
        async passed(layer) {
          const counts = countsOf(ground, sums!.batches);
          for (const { one, changed } of scored) {
            if (one.of !== layer) continue;
            const found = sums!.against(changed);
            const sum = found && (ofDivergence ? found.signed : found.magnitude);
            put(tools, "gradient", one.tensor, recipe, sum ? meanOfSums(sum, counts) : noEstimate);
          }
          sums = null;
        },
      });
    } finally {
      loads.keepOnly([], []);
    }
  }
}

/** The gradient of a window's KL to the model as it is, over the predictions that are judged. */
async function divergenceGradient(
  { ground: { work, setup }, running: { network }, ends, prefixes }: MakerTools,
  window: number,
  final: Hidden,
): Promise<Hidden> {
  const { from, targets, tokens } = work.cut.windows[window];
  const counts = new Float32Array(tokens.length).fill(1, from, from + targets.length);
  const base = await prefixes.write(setup.model.architecture.layers, window);
  try {
    return (await network.divergence(ends, final, base, counts)).gradient;
  } finally {
    network.release(base);
  }
}
