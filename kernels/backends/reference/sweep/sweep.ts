import { eachRun } from "../../../plan/blocks.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { SweepBackend, SweepTile, SweepWork } from "../../sweep.ts";
import { addErrors, addFacts } from "../../sweep-sums.ts";
import { invertTransforms } from "../../transforms.ts";
import { countBlocks, decodeTile } from "../blocks.ts";
import { makeStrips, type StripCounts, type Strips } from "./encode.ts";

const strips = new WeakMap<Plan, Strips>();

function stripsOf(plan: Plan): Strips {
  const known = strips.get(plan);
  if (known) return known;
  const made = makeStrips(plan.element, plan.levels.length > 0);
  strips.set(plan, made);
  return made;
}

/** The results of a tile before the inverse steps. */
function encodeTile({ plan, scales }: SweepWork, tile: SweepTile, result: Float32Array, counts: StripCounts): void {
  if (plan.codec) {
    result.set(decodeTile(plan, tile, scales, null));
    countBlocks(plan, tile, scales, result, counts);
    return;
  }
  const { any, finite } = stripsOf(plan);
  const strip = tile.finite && finite ? finite : any;
  const { grid } = plan;
  const { input, row0, rows, cols } = tile;
  for (let r = 0; r < rows; r++) {
    const row = row0 + r;
    const base = r * cols;
    const index = row * cols;
    if (grid.flat) {
      eachRun(grid, row, (from, to, block) =>
        strip(input, base + from, base + to, to - from, block, index + from, scales, result, counts),
      );
    } else {
      const block = Math.floor(row / grid.blockRows) * grid.gridCols;
      strip(input, base, base + cols, grid.blockCols, block, index, scales, result, counts);
    }
  }
}

/** Plain TypeScript, for every recipe. The numbers of the reference backend, without what a sweep does not show. */
export const referenceSweep: SweepBackend = {
  name: "reference",
  refuses: () => null,
  async evaluate(work, tile, pace) {
    const result = new Float32Array(tile.rows * tile.cols);
    for (const one of work) {
      const counts: StripCounts = { saturated: 0, flushed: 0 };
      encodeTile(one, tile, result, counts);
      one.sums.saturated += counts.saturated;
      one.sums.flushed += counts.flushed;
      addFacts(tile.facts, one.sums);
      addErrors(tile.facts.nonFinite === 0, tile.original, invertTransforms(one.plan, tile, result), one.sums);
      await pace();
    }
  },
};
