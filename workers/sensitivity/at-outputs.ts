/** `fisher` where ModelOpt takes it: at the outputs of linear layers, a token a sample. */
import { multiply } from "../../kernels/linalg/index.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import { meanOfSums } from "../lm/figures/estimate.ts";
import type { Changed } from "./changed.ts";
import { changeOr, firstLacking, lacking, put } from "./gradient-scores.ts";
import type { MakerTools } from "./signals.ts";
import { sweepBack } from "./sweep.ts";

/** Inputs and gradients at outputs that are kept of one layer. */
const LOOKS_BYTES = 2 ** 29;

/** What is looked at in a layer while a window passes it. */
interface Looks {
  inputs: Map<string, Float32Array>;
  outputs: Map<string, Float32Array>;
}

/** `fisher` at the outputs of linear layers. */
export async function atOutputs(tools: MakerTools): Promise<void> {
  const { ground, running, sheet, weights, prefixes } = tools;
  const { network } = running;
  const { work, setup, control } = ground;
  const until = firstLacking(tools, ["fisher"]);
  if (until === setup.model.architecture.layers) return;
  let looks: Looks[] = [];
  const counts = work.cut.windows.map(({ targets }) => targets.length);
  await sweepBack(tools, {
    until,
    taps(layer, window) {
      const wanted = new Set(lacking(tools, layer, ["fisher"]).map(({ tensor }) => tensor));
      const own: Looks = { inputs: new Map(), outputs: new Map() };
      looks[window] = own;
      return {
        wants: ({ name }) => ({ output: wanted.has(setup.model.parts.get(name)?.stored.tensor ?? "") }),
        async output({ name }, values, _rows, _cols, tokens) {
          control.signal.throwIfAborted();
          if (!tokens) own.outputs.set(name, values.slice());
        },
      };
    },
    async passed(layer) {
      const scored = lacking(tools, layer, ["fisher"]);
      const stored = await weights.take(layer);
      const entering = await prefixes.before(layer);
      let bytes = 0;
      for (const [w, { tokens }] of work.cut.windows.entries()) {
        const hidden = await network.write(entering[w], tokens.length);
        const after = await network.layer(layer, stored, hidden, {
          wants: (site) => site.kind === "input" && site.readers.some((name) => looks[w].outputs.has(name)),
          async at(site, values) {
            const kept = values.slice();
            for (const name of site.readers) looks[w].inputs.set(name, kept);
            bytes += kept.byteLength;
            return undefined;
          },
        });
        network.release(hidden);
        network.release(after);
        for (const one of looks[w].outputs.values()) bytes += one.byteLength;
        if (bytes > LOOKS_BYTES) {
          throw new UserError(
            `Inputs and gradients of layer ${layer} take more than ${formatBytes(LOOKS_BYTES)} with ${work.cut.windows.length} windows: take fewer, or the Fisher information at the weights.`,
          );
        }
        await work.pace();
      }
      weights.leave(stored);
      for (const one of scored) {
        for (const recipe of ground.recipes) {
          if (sheet.has("fisher", one.tensor, recipe)) continue;
          const changed = await changeOr(tools, one, recipe, ["fisher"]);
          if (!changed) continue;
          const sums: number[] = [];
          for (const look of looks) sums.push(await atOutput(changed, look, tools));
          put(tools, "fisher", one.tensor, recipe, meanOfSums(sums, counts));
        }
      }
      looks = [];
    },
  });
}

/** Half the sum over tokens and outputs of (gradient times change of the output)^2; NaN for experts, whose tokens are not all there. */
async function atOutput(changed: Changed, { inputs, outputs }: Looks, { ground }: MakerTools): Promise<number> {
  let sum = 0;
  for (const [name, change] of changed) {
    const [x, g] = [inputs.get(name), outputs.get(name)];
    const part = ground.setup.model.parts.get(name)!.part;
    if (!x || !g) return Number.NaN;
    const [rows, cols] = part.shape;
    const tokens = x.length / cols;
    const left = { rows: tokens, cols, values: Float64Array.from(x) };
    const right = { rows, cols, values: Float64Array.from(change) };
    const { values } = await multiply(left, right, { transposeB: true }, { pace: ground.work.pace });
    for (let i = 0; i < values.length; i++) sum += (g[i] * values[i]) ** 2;
  }
  return sum / 2;
}
