/** The Hessian of a layer's squared output error, 2 X X^T / T for every output alike: its mean trace and its largest eigenvalue. */

import { finiteTokens, tokensAt } from "../../kernels/calibration/index.ts";
import { type Dense, type GramSum, startGram } from "../../kernels/linalg/index.ts";
import type { Site } from "../../kernels/network/index.ts";
import { topEigenvalue } from "../../kernels/signals/eigenvalue/power.ts";
import type { Scored } from "./ground.ts";
import type { Curvature, GiveCurvature } from "./hessians.ts";
import type { MakerTools } from "./signals.ts";

const NO_INPUT = "no token of the text meets it";

/** The parts that are made of a tensor, with the names that sites know them by. */
const partsOf = ({ ground }: MakerTools, { tensor }: Scored): string[] =>
  [...ground.setup.model.parts.values()].flatMap(({ part, stored }) => (stored.tensor === tensor ? [part.name] : []));

/** Shows the inputs of scored tensors, layer by layer; `done` when all windows have passed a layer. */
async function passInputs(
  tools: MakerTools,
  scored: readonly Scored[],
  look: (site: Site, values: Float32Array, window: number) => Promise<void>,
  done: (scored: readonly Scored[]) => Promise<void>,
): Promise<void> {
  const { ground, running, weights, prefixes, passed } = tools;
  const { network } = running;
  const { work, setup, control } = ground;
  const { layers } = setup.model.architecture;
  for (let layer = 0; layer < layers; layer++) {
    const own = scored.filter(({ of }) => of === layer);
    if (own.length === 0) continue;
    const names = new Set(own.flatMap((one) => partsOf(tools, one)));
    const stored = await weights.take(layer);
    const entering = await prefixes.before(layer);
    for (const [w, { tokens }] of work.cut.windows.entries()) {
      const hidden = await network.write(entering[w], tokens.length);
      try {
        const after = await network.layer(layer, stored, hidden, {
          wants: ({ kind, readers }) => kind === "input" && readers.some((name) => names.has(name)),
          async at(site, values) {
            control.signal.throwIfAborted();
            await look(site, values, w);
            return undefined;
          },
        });
        network.release(after);
      } finally {
        network.release(hidden);
      }
      passed(1 / layers);
      await work.pace();
    }
    weights.leave(stored);
    await done(own);
  }
}

/** Mean traces a weight: 2 |x|^2 / columns, the mean over tokens. Tokens that are not finite are left out. */
export async function inputTraces(tools: MakerTools, scored: readonly Scored[], give: GiveCurvature): Promise<void> {
  const windows = tools.ground.work.cut.windows.length;
  let found: Curvature["parts"] = new Map();
  await passInputs(
    tools,
    scored,
    async ({ readers, cols }, values, window) => {
      const finite = finiteTokens(values, cols);
      const sum = tokensAt(values, cols, finite).reduce((all, x) => all + x * x, 0);
      for (const name of readers) {
        const own = found.get(name) ?? { sums: new Float64Array(windows), counts: new Float64Array(windows) };
        found.set(name, own);
        if (!("sums" in own)) continue;
        own.sums[window] += (2 * sum) / cols;
        own.counts[window] += finite.length;
      }
    },
    async (layer) => {
      for (const one of layer) {
        const all = partsOf(tools, one).every((name) => found.has(name));
        await give(one, all ? { parts: found } : null, NO_INPUT);
      }
      found = new Map();
    },
  );
}

/** Largest eigenvalues, by power iteration on the Gram matrices of inputs. Says in a clause where some did not settle. */
export async function inputEigenvalues(
  tools: MakerTools,
  scored: readonly Scored[],
  give: GiveCurvature,
): Promise<string> {
  const { ground, asked } = tools;
  const { pace } = ground.work;
  let sums = new Map<string, { gram: GramSum; tokens: number; readers: string[] }>();
  let [all, settled] = [0, 0];
  try {
    await passInputs(
      tools,
      scored,
      async ({ name, readers, cols }, values) => {
        const finite = finiteTokens(values, cols);
        const own = sums.get(name) ?? { gram: await startGram(cols, { pace }), tokens: 0, readers };
        sums.set(name, own);
        own.tokens += finite.length;
        await own.gram.add(tokensAt(values, cols, finite));
      },
      async (layer) => {
        const parts: Curvature["parts"] = new Map();
        for (const { gram, tokens, readers } of sums.values()) {
          if (tokens === 0) continue;
          const top = await topEigenvalue(...productOf(await gram.finish(), tokens, pace), { seed: asked.seed });
          all++;
          if (top.settled) settled++;
          for (const name of readers) parts.set(name, { value: top.value, error: null });
        }
        for (const { gram } of sums.values()) gram.close();
        sums = new Map();
        for (const one of layer) {
          const known = partsOf(tools, one).every((name) => parts.has(name));
          await give(one, known ? { parts } : null, NO_INPUT);
        }
      },
    );
  } finally {
    for (const { gram } of sums.values()) gram.close();
  }
  return settled === all ? "" : ` (${all - settled} of ${all} power iterations did not settle)`;
}

/** v -> 2 G v / T. */
function productOf({ rows, values }: Dense, tokens: number, pace: () => Promise<void>) {
  const product = async (v: Float64Array): Promise<Float64Array> => {
    const out = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < rows; j++) sum += values[i * rows + j] * v[j];
      out[i] = (2 * sum) / tokens;
    }
    await pace();
    return out;
  };
  return [rows, product] as const;
}
