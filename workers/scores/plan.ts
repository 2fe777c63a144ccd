/** What scoring a source will read, said before anything is read. */

import { UserError } from "../errors/user-error.ts";
import type { SourceInfo } from "../sources/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Grid, readGrid } from "./grid.ts";
import { bytesReadOf, factsOf, type SampledMatrix, sampledMatrix } from "./sampled.ts";
import { type Chosen, chooseTensors } from "./tensors.ts";
import { type ScoresPlan, type ScoresRequest, USUAL_SHARE, WHOLE_BYTES } from "./types.ts";

/** The share of rows that is read where nothing is said. */
export function shareOf(info: SourceInfo, share: number | null): number {
  if (share !== null) {
    if (!(share > 0 && share <= 1)) throw new UserError(`A share of rows is above 0 and at most 1, not ${share}.`);
    return share;
  }
  return info.tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0) > WHOLE_BYTES ? USUAL_SHARE : 1;
}

/** The parts of a plan: what is scored, with the rows that are read. */
export interface Planned {
  grid: Grid;
  share: number;
  sampled: SampledMatrix[];
  chosen: Chosen;
}

/** Throws UserError or RecipeError for a request that cannot be met. */
export function sampledBy(info: SourceInfo, request: ScoresRequest): Planned {
  const grid = readGrid(request.recipes, request.definitions);
  const share = shareOf(info, request.share);
  const chosen = chooseTensors(info, request.kinds, request.only);
  const scoring = { ...request, grid, share, fits: new Map() };
  return { grid, share, chosen, sampled: chosen.matrices.map((matrix) => sampledMatrix(scoring, matrix)) };
}

/** What is told of it. */
export function planOf(info: SourceInfo, request: ScoresRequest): ScoresPlan {
  const { grid, share, sampled, chosen } = sampledBy(info, request);
  const tensors = sampled.map((one) => ({ ...factsOf(one), bytesRead: bytesReadOf(one, request.wholeStatistics) }));
  const bytesExact = chosen.matrices.reduce((sum, { storedBits }) => sum + Math.ceil(storedBits / 8), 0);
  return {
    ...{ fingerprint: fingerprintOf(info), tensors, leftOut: chosen.leftOut, share, bytesExact },
    bytesRead: tensors.reduce((sum, tensor) => sum + tensor.bytesRead, 0),
    bytesInAll: info.tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0),
    recipes: grid.recipes.map(({ text }) => text),
    notes: [...grid.notes, ...refusals(grid, sampled), ...wholes(grid, sampled), ...inexacts(grid, sampled, request)],
  };
}

const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Recipes that do not fit some tensors, with the reason that the first gives. */
function refusals(grid: Grid, sampled: readonly SampledMatrix[]): string[] {
  return grid.recipes.flatMap(({ text }, r) => {
    const without = sampled.filter(({ fits }) => fits[r].refused !== null);
    if (without.length === 0) return [];
    const [{ fits, matrix }] = without;
    return [`${text} does not fit ${plural(without.length, "tensor")}, as ${matrix.name}: ${fits[r].refused}`];
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
