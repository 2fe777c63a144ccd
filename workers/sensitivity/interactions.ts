/** Scores with interactions: what a pair of tensors loses beyond the two of them, on the tensors that lose most by themselves. */
import { augmented, largestPrefix } from "../../kernels/signals/interaction/pairs.ts";
import { divergences } from "./divergence.ts";
import { firstOf, type Ground } from "./ground.ts";
import { figureOf, onText, passesOf } from "./kl.ts";
import type { BoundedPrefix, KnownScore } from "./request.ts";
import type { MakerTools, SignalMaker } from "./signals.ts";

/** Tensors that pairs are made of, where nobody says: 28 pairs. */
const PROBES = 8;

const probesOf = ({ tensors }: Ground, probes = PROBES): number =>
  Math.max(0, Math.min(tensors.length, Math.floor(probes)));

export const interactionMaker: SignalMaker = {
  passes(ground, { signals, probes, bound }) {
    const { recipes, tensors, setup } = ground;
    const n = probesOf(ground, probes);
    const alone = tensors.map(({ tensor }) => firstOf(ground, [{ tensor, recipe: "" }]));
    // Which tensors will be probed is not known yet: as if they were in the middle.
    const pairs = Array<number>((n * (n - 1)) / 2).fill(Math.floor(setup.model.architecture.layers / 3));
    // Each trial passes nearly all layers, and is judged.
    const trials = Array<number>(bound === undefined ? 0 : Math.ceil(Math.log2(Math.max(2, tensors.length))) + 1).fill(
      0,
    );
    return (
      recipes.length *
      (passesOf(ground, pairs) + passesOf(ground, trials) + (signals.includes("kl") ? 0 : passesOf(ground, alone)))
    );
  },
  async make(tools) {
    const { ground, asked, sheet } = tools;
    const n = probesOf(ground, asked.probes);
    for (const recipe of ground.recipes) {
      await scoresOf(tools, recipe, n);
      const known = sheet.prefixes.some((one) => one.recipe === recipe);
      if (asked.bound !== undefined && !known) sheet.prefixes.push(await boundedPrefix(tools, recipe, asked.bound));
    }
    return `KL of the tensor alone and KL(i and j) - KL(i) - KL(j) summed over the other tensors that were probed, the ${n} with the largest KL of their own; the rest have their own KL; ${onText(ground)}`;
  },
};

/** Scores under one recipe, those of the `n` tensors with the largest KL with their interactions. */
async function scoresOf(tools: MakerTools, recipe: string, n: number): Promise<void> {
  const { ground, sheet } = tools;
  const names = ground.tensors.map(({ tensor }) => tensor);
  if (names.every((tensor) => sheet.has("interaction", tensor, recipe))) return;
  const alone = await aloneOf(tools, recipe);
  const own = (tensor: string) => alone.get(tensor)?.value ?? null;
  const probed = names
    .filter((tensor) => own(tensor) !== null)
    .sort((a, b) => own(b)! - own(a)!)
    .slice(0, n);
  const { interactions, scores } = await probe(tools, recipe, probed, own);
  sheet.interactions.push({ recipe, tensors: probed, values: [...interactions] });
  for (const [tensor, found] of alone) {
    const at = probed.indexOf(tensor);
    const score = at < 0 ? found.value : scores[at];
    const value = score !== null && Number.isFinite(score) ? score : null;
    const refused = found.refused ?? (value === null ? "a pair with it could not be measured" : undefined);
    sheet.put({
      signal: "interaction",
      tensor,
      recipe,
      value,
      error: null,
      ...(refused !== undefined && { refused }),
    });
  }
}

/** KL of each tensor alone, from the sheet or anew. */
async function aloneOf(tools: MakerTools, recipe: string): Promise<Map<string, Pick<KnownScore, "value" | "refused">>> {
  const { ground, sheet } = tools;
  const out = new Map<string, Pick<KnownScore, "value" | "refused">>();
  const missing: string[] = [];
  for (const { tensor } of ground.tensors) {
    const known = sheet.get("kl", tensor, recipe);
    if (known) out.set(tensor, known);
    else missing.push(tensor);
  }
  await divergences(
    tools,
    missing.map((tensor) => [{ tensor, recipe }]),
    (index, outcome) => out.set(missing[index], figureOf(outcome)),
  );
  return out;
}

/** All pairs of some tensors: what is on the diagonal is each alone. */
async function probe(
  tools: MakerTools,
  recipe: string,
  probed: readonly string[],
  own: (tensor: string) => number | null,
): Promise<{ interactions: Float64Array; scores: Float64Array }> {
  const n = probed.length;
  const losses = new Float64Array(n * n).fill(Number.NaN);
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    losses[i * n + i] = own(probed[i])!;
    for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  }
  await divergences(
    tools,
    pairs.map(([i, j]) => [i, j].map((at) => ({ tensor: probed[at], recipe }))),
    (index, outcome) => {
      const [i, j] = pairs[index];
      losses[i * n + j] = losses[j * n + i] = figureOf(outcome).value ?? Number.NaN;
    },
  );
  const { interactions, scores } = augmented(losses, 0);
  for (let i = 0; i < n; i++) interactions[i * n + i] = losses[i * n + i];
  return { interactions, scores };
}

/** How many tensors, the least sensitive first, may have a recipe at once: at most ceil(log2 n) + 1 mixes are measured. */
async function boundedPrefix(tools: MakerTools, recipe: string, bound: number): Promise<BoundedPrefix> {
  const { ground, sheet } = tools;
  const scored = ground.tensors.flatMap(({ tensor }) => {
    const value = sheet.get("interaction", tensor, recipe)?.value ?? null;
    return value === null ? [] : [{ tensor, value }];
  });
  const order = scored.sort((a, b) => a.value - b.value).map(({ tensor }) => tensor);
  const tried: BoundedPrefix["tried"] = [];
  const { length } = await largestPrefix(order.length, async (count) => {
    let kl: number | null = null;
    await divergences(tools, [order.slice(0, count).map((tensor) => ({ tensor, recipe }))], (_, outcome) => {
      const { value, error } = figureOf(outcome);
      kl = value;
      tried.push({ length: count, kl: value, stderr: error });
    });
    return kl !== null && kl <= bound;
  });
  return { recipe, bound, order, length, tried };
}
