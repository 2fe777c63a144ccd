/** One sentence above the charts: which of A and B is better, on what, and by how much. Its place is always there. */

import type { Charts } from "../../charts/useCharts.ts";
import { mistakenWords } from "../../state/standing.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { seedsKey, seedsOf } from "./seeds.ts";
import { verdictOf } from "./verdict.ts";

export function VerdictLine({ charts }: { charts: Charts }) {
  const w = useWorkbench();
  const { runs } = w;
  const seeds = seedsOf(w);
  const { a, b } = useStoreOf(runs.store, (s) => s);
  const tried = useStoreOf(seeds.store, (s) => s);
  const { stale, a: ra, b: rb } = charts.pair;
  const key = a.shown && b.shown ? seedsKey(a.shown, b.shown) : null;
  // Of other results than those that are shown, what seeds gave says nothing.
  const own = tried.key === key ? tried : null;
  const words = stale ? stale.words : (mistakenWords(a, b) ?? verdictOf(ra, rb, own?.spread ?? null));
  // What seeds gave takes a second line in small windows, which is kept for it from the start.
  const seeded = [a, b].some(({ shown }) => shown?.report.recipe.includes("seed="));
  return (
    <p
      className={`m-0 flex shrink-0 min-h-[20px] min-w-0 items-center gap-2 px-1.5 ${seeded ? "max-[1199px]:min-h-[40px] max-[859px]:min-h-[58px]" : "max-[859px]:min-h-[40px]"}`}
      data-testid="verdict"
    >
      <span className={`min-w-0 min-[1200px]:truncate ${stale ? "text-muted" : ""}`} title={words}>
        {words}
      </span>
      {!stale && own?.status === "running" && (
        <span className="flex shrink-0 items-center gap-1 text-muted text-xs">
          trying other seeds
          <button
            type="button"
            className="btn btn-quiet min-h-5 px-1.5 py-0 text-xs pointer-coarse:min-h-11"
            onClick={() => seeds.cancel()}
          >
            Stop
          </button>
        </span>
      )}
    </p>
  );
}
