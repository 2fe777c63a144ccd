/** The frontier of a whole model's allocations, beside a bare pass over as many sums in the same run; a part of `npm run bench`. */
import { frontierOf, planFrontier } from "../allocation/frontier.ts";
import { groupItems } from "../allocation/groups.ts";
import { free, modelTable } from "../allocation/testing/tables.ts";
import { within } from "../allocation/types.ts";

const SIZES: readonly (readonly [tensors: number, recipes: number])[] = [
  [42, 40],
  [224, 12],
  [2000, 40],
  [500_000, 8],
];
const LOOKUPS = 50;

const milliseconds = () => Number(process.hrtime.bigint()) / 1e6;
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Nanoseconds of one sum that is compared with what stands in its place, over arrays of 2^16. */
function nsASum(): number {
  const n = 2 ** 16;
  const [from, to] = [new Float64Array(n), new Float64Array(n)];
  const passes = 400;
  let before = 0;
  for (let pass = -20; pass < passes; pass++) {
    if (pass === 0) before = processor();
    const lost = 1 / (pass + 50);
    for (let j = 0; j < n; j++) {
      const sum = from[j] + lost;
      if (sum < to[j]) to[j] = sum;
    }
  }
  return ((processor() - before) / (passes * n)) * 1e6;
}

/** Of models of so many tensors at the most. */
export async function benchAllocation(most: number) {
  const floor = nsASum();
  const results = [];
  for (const [tensors, recipes] of SIZES.filter(([count]) => count <= most)) {
    const table = modelTable(tensors, recipes);
    let [last, longestPieceMs] = [processor(), 0];
    const control = {
      checkpoint: async () => {
        const now = processor();
        longestPieceMs = Math.max(longestPieceMs, now - last);
        last = now;
      },
    };
    const before = processor();
    const groups = await groupItems(table, free, control);
    const plan = planFrontier(groups);
    const found = await frontierOf(groups, control);
    const frontierSeconds = (processor() - before) / 1000;
    const [least, most] = [found.bits[0], found.bits[found.bits.length - 1]];
    const start = milliseconds();
    for (let k = 0; k < LOOKUPS; k++) found.at(within(found, least + ((most - least) * k) / LOOKUPS));
    const half = (least + most) / 2;
    results.push({
      ...{ tensors, recipes, method: found.method, points: found.bits.length, frontierSeconds, longestPieceMs },
      ratio: plan.grid ? frontierSeconds / ((plan.operations * floor) / 1e9) : null,
      lookupMs: (milliseconds() - start) / LOOKUPS,
      memoryBytes: plan.memoryBytes,
      gap: found.loss[within(found, half)] / found.bound(half) - 1,
    });
  }
  return results;
}
