/** What scoring a source will read, said before anything is read. */

import { UserError } from "../errors/user-error.ts";
import { inSteps } from "../pace/steps.ts";
import type { SourceInfo } from "../sources/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import { fingerprinting } from "./fingerprint.ts";
import { type Grid, readGrid } from "./grid.ts";
import { bytesReadOf, factsOf, type SampledMatrix, type Sampling, sampledMatrix, tooLarge } from "./sampled.ts";
import { choosing } from "./tensors.ts";
import { type ScoresPlan, type ScoresRequest, USUAL_SHARE, WHOLE_BYTES } from "./types.ts";

/** The share of rows that is read where nothing is said. */
export function shareOf(info: SourceInfo, share: number | null): number {
  if (share !== null) {
    if (!(share > 0 && share <= 1)) throw new UserError(`A share of rows is above 0 and at most 1, not ${share}.`);
    return share;
  }
  return info.tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0) > WHOLE_BYTES ? USUAL_SHARE : 1;
}

/** What decides which rows of a source a request reads. Throws UserError or RecipeError for one that cannot be met. */
export function samplingOf(info: SourceInfo, request: ScoresRequest): Sampling {
  const { recipes, definitions, fresh, seed } = request;
  return {
    ...{ seed, grid: readGrid(recipes, definitions), share: shareOf(info, request.share), fits: new Map() },
    ...(fresh && {
      earlier: {
        ...{ seed: fresh.seed, share: fresh.share },
        grid: readGrid(fresh.recipes, definitions),
        fits: new Map(),
      },
    }),
  };
}

/** Tensors between two looks at the message queue. */
const STEP = 64;

/** What is told of it. Rejects with UserError or RecipeError for a request that cannot be met, and as `pace` does. */
export async function planOf(
  info: SourceInfo,
  request: ScoresRequest,
  pace: () => Promise<void> = async () => {},
): Promise<ScoresPlan> {
  const sampling = samplingOf(info, request);
  const { grid, share } = sampling;
  const chosen = await inSteps(choosing(info, request.kinds, request.only), pace);
  const sampled: SampledMatrix[] = [];
  for (const matrix of chosen.matrices) {
    sampled.push(sampledMatrix(sampling, matrix));
    if (sampled.length % STEP === 0) await pace();
  }
  const tensors = sampled.map((one) => ({ ...factsOf(one), bytesRead: bytesReadOf(one, request) }));
  const bytesExact = chosen.matrices.reduce((sum, { storedBits }) => sum + Math.ceil(storedBits / 8), 0);
  return {
    ...{ fingerprint: await inSteps(fingerprinting(info), pace), tensors, leftOut: chosen.leftOut, share, bytesExact },
    bytesRead: tensors.reduce((sum, tensor) => sum + tensor.bytesRead, 0),
    bytesInAll: info.tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0),
    recipes: grid.recipes.map(({ text }) => text),
    notes: [
      ...grid.notes,
      ...refusals(grid, sampled, request.budget),
      ...wholes(grid, sampled),
      ...inexacts(grid, sampled, request),
    ],
  };
}

const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Recipes that do not fit some tensors, or not into memory, with the reason that the first gives. */
function refusals(grid: Grid, sampled: readonly SampledMatrix[], budget: number | null): string[] {
  return grid.recipes.flatMap(({ text }, r) => {
    let [without, first] = [0, ""];
    for (const { fits, matrix } of sampled) {
      const why = fits[r].refused ?? tooLarge(fits[r], budget);
      if (why !== null && without++ === 0) first = `${matrix.name}: ${why}`;
    }
    return without === 0 ? [] : [`${text} does not fit ${plural(without, "tensor")}, as ${first}`];
  });
}

/** Recipes that read all of a tensor whatever the share. */
function wholes(grid: Grid, sampled: readonly SampledMatrix[]): string[] {
  const partly = sampled.filter(({ sample }) => !sample.whole);
  const names = grid.recipes
    .filter((_, r) => partly.some(({ fits }) => fits[r].way === "whole"))
    .map(({ text }) => text);
  return names.length === 0
    ? []
    : [`${names.join(", ")}: what holds the matrix reads all of a tensor, whatever the share`];
}

/** Recipes that are not as on the whole tensor. */
function inexacts(grid: Grid, sampled: readonly SampledMatrix[], { wholeStatistics }: ScoresRequest): string[] {
  const partly = sampled.filter(({ sample }) => !sample.whole);
  return grid.recipes.flatMap(({ text }, r) => {
    const found = partly.find(({ fits }) => fits[r].wants !== null && !(wholeStatistics && fits[r].byExtremes));
    return found ? [`${text} is inexact: ${found.fits[r].wants} is that of the rows read`] : [];
  });
}
