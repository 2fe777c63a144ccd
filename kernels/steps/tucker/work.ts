import type { Split, StepJob } from "../step.ts";
import { finiteOf, paceOf } from "../thin/fit.ts";
import { type Part, partOfSplit, single, wide } from "../thin/part.ts";
import { decomposed, ranksByEnergy, type Sides, tensor, whole } from "./hooi.ts";
import type { TuckerParams } from "./index.ts";

/** Ranks as far as the tensor has them: none is above its side, or above the product of the other two. */
function possible(sides: Sides, asked: Sides): Sides {
  const cut = asked.map((r, i) => Math.min(r, sides[i])) as Sides;
  return cut.map((r, i) => Math.min(r, cut[(i + 1) % 3] * cut[(i + 2) % 3])) as Sides;
}

function notesOf({ ranks: asked }: TuckerParams, ranks: Sides): string[] {
  const text = (list: Sides) => list.join(" x ");
  if (!asked) return [`tucker: ranks ${text(ranks)} hold the energy asked for`];
  return asked.some((r, i) => r !== ranks[i])
    ? [`tucker: a tensor of this shape has ranks ${text(ranks)} at most, which are kept instead of ${text(asked)}`]
    : [];
}

async function ranksOf(
  { sides, ranks, energy }: TuckerParams,
  values: Float64Array<ArrayBuffer>,
  job: StepJob,
): Promise<Sides> {
  return possible(sides, ranks ?? (await ranksByEnergy(tensor(sides, values), energy, paceOf(job))));
}

export const work: Split<TuckerParams, Part> = {
  ...partOfSplit,
  async fit(params, operand, job) {
    const { sides, iters } = params;
    const { values } = finiteOf(operand);
    const ranks = await ranksOf(params, values, job);
    const { core, factors } = await decomposed(tensor(sides, values), ranks, iters, paceOf(job));
    const names = ["first", "second", "third"];
    const side = [
      await job.store("core", single({ rows: ranks[0], cols: ranks[1] * ranks[2], values: core.values }), params.core),
    ];
    for (const [i, factor] of factors.entries())
      side.push(await job.store(`factor of the ${names[i]} side`, single(factor), params.factors));
    const product = await whole(tensor(ranks, wide(side[0]).values), side.slice(1).map(wide), paceOf(job));
    return { product: new Float32Array(product.values), side, notes: notesOf(params, ranks) };
  },
};
