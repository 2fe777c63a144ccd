/** `gradient` where AutoRound takes it: at the model that has the recipe everywhere. */
import type { Loaded } from "../../kernels/network/index.ts";
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
  firstLacking(tools, ["gradient"]);
  for (const recipe of ground.recipes) {
    const scored: { one: Scored; changed: Changed }[] = [];
    for (const one of ground.tensors) {
      if (sheet.has("gradient", one.tensor, recipe)) continue;
      const changed = await changeOr(tools, one, recipe, ["gradient"]);
      if (changed) scored.push({ one, changed });
    }
    if (scored.length === 0) continue;
    const all = ground.tensors.filter(({ of }) => of !== "ends");
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
            put(tools, "gradient", one.tensor, recipe, found ? meanOfSums(found.magnitude, counts) : noEstimate);
          }
          sums = null;
        },
      });
    } finally {
      loads.keepOnly([], []);
    }
  }
}
