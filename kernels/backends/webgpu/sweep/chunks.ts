import type { Plan } from "../../../plan/plan.ts";
import { MOST_RECIPES, SLOTS, TABLES } from "./fields.ts";
import { isLong, isSimple, type Kernel, kernelOf } from "./recipe.ts";
import { gridOfRuns, type RunGrid, type Runs, runGridKey, runsKey, runsOf } from "./tensor.ts";

/** Recipes of one dispatch: they share a kernel and the way runs lie. */
export interface Chunk {
  kernel: Kernel;
  runs: Runs;
  /** For values of few digits. */
  short: boolean;
  /** For scales of more digits than float32 has. */
  long: boolean;
  grids: RunGrid[];
  /** Elements whose codebooks go along. */
  books: Plan["element"]["ladder"][];
  members: { index: number; slot: number; table: number }[];
}

/** Value-recipes of a dispatch at most: some milliseconds on a large GPU, a tenth of a second on a small one. */
const MOST_WORK = 2 ** 33;

/** Cuts plans into dispatches; those with the same runs stand together. */
export function chunksOf(plans: readonly Plan[], fewDigits: boolean): Chunk[] {
  if (plans.length === 0) return [];
  const [{ rows, cols }] = plans;
  const most = Math.min(MOST_RECIPES, Math.max(1, Math.floor(MOST_WORK / (rows * cols))));
  const open = new Map<string, Chunk>();
  const out: Chunk[] = [];
  for (const index of inOrder(plans)) {
    const plan = plans[index];
    const [kernel, runs] = [kernelOf(plan), runsOf(plan)];
    const grid = gridOfRuns(runs, plan.levels.length > 0 ? plan.grid : null);
    const book = kernel === "books" ? plan.element.ladder : null;
    const short = fewDigits && kernel !== "books" && isSimple(plan);
    const long = isLong(plan);
    const key = `${kernel} ${runsKey(runs)} ${short} ${long}`;
    let chunk = open.get(key);
    if (!chunk || !fits(chunk, grid, book, most)) {
      chunk = { kernel, runs, short, long, grids: [], books: [], members: [] };
      open.set(key, chunk);
      out.push(chunk);
    }
    const slot = place(chunk.grids, grid, (g) => runGridKey(g) === runGridKey(grid));
    const table = book ? place(chunk.books, book, (b) => b === book) : 0;
    chunk.members.push({ index, slot, table });
  }
  return out.sort((a, b) => runsKey(a.runs).localeCompare(runsKey(b.runs)));
}

/** Plans with the same codebook stand together, so that few go along with a dispatch. */
function inOrder(plans: readonly Plan[]): number[] {
  const books = new Map<unknown, number>();
  const rank = plans.map(({ element }) => {
    const key = element.format.kind === "codebook" ? element.ladder : null;
    if (!books.has(key)) books.set(key, books.size);
    return books.get(key)!;
  });
  return plans.map((_, i) => i).sort((a, b) => rank[a] - rank[b] || a - b);
}

function fits({ grids, books, members }: Chunk, grid: RunGrid, book: unknown, most: number): boolean {
  const slot = grids.length < SLOTS || grids.some((g) => runGridKey(g) === runGridKey(grid));
  const table = book === null || books.length < TABLES || books.some((b) => b === book);
  return members.length < most && slot && table;
}

function place<T>(list: T[], item: T, same: (other: T) => boolean): number {
  const at = list.findIndex(same);
  return at >= 0 ? at : list.push(item) - 1;
}
