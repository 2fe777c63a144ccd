/** What a sweep comes to before it runs: how many recipes, how many of them mean the same, and which make no sense. */
import { useEffect, useMemo, useState } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import type { NotationOptions } from "../../../kernels/notation/index.ts";
import { expandSteps, type Grid, parseSweep, type SweepPlan } from "../../../kernels/sweep/index.ts";
import type { Mistake } from "../../controls/parsed.ts";
import { track } from "../../state/busy.ts";
import { messageOf } from "../../state/notices.ts";

export type ReadGrid = { grids: Grid[]; mistake: null } | { grids: null; mistake: Mistake };

/** A grid's text read, or its mistake. */
export function readGrid(text: string, definitions: readonly Definition[]): ReadGrid {
  try {
    return { grids: parseSweep(text, { definitions }), mistake: null };
  } catch (error) {
    const column = error instanceof RecipeError ? error.column : null;
    return { grids: null, mistake: { message: messageOf(error), column } };
  }
}

const PIECE_MS = 12;

/**
 * `expandSweep` in pieces that leave the page alive in between.
 * @throws {RecipeError} where there are too many combinations; AbortError when it is no longer wanted
 */
export async function expandInPieces(
  grids: readonly Grid[],
  options: NotationOptions,
  signal: AbortSignal,
): Promise<SweepPlan> {
  const work = expandSteps(grids, options);
  let began = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (performance.now() - began < PIECE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal.throwIfAborted();
    began = performance.now();
  }
}

export interface Planned {
  /** The text it is about. */
  text: string;
  grids: Grid[] | null;
  /** Null while it is being counted, or where it cannot be read. */
  plan: SweepPlan | null;
  mistake: Mistake | null;
}

/** The plan of a grid's text; the former one is never given for another text. */
export function usePlan(text: string, definitions: readonly Definition[]): Planned {
  const read = useMemo(() => readGrid(text, definitions), [text, definitions]);
  const [made, setMade] = useState<{ of: ReadGrid; plan: SweepPlan | null; mistake: Mistake | null } | null>(null);
  useEffect(() => {
    if (!read.grids) return;
    const job = new AbortController();
    track(expandInPieces(read.grids, { definitions }, job.signal))
      .then((plan) => setMade({ of: read, plan, mistake: null }))
      .catch((error) => {
        if (!job.signal.aborted)
          setMade({ of: read, plan: null, mistake: { message: messageOf(error), column: null } });
      });
    return () => job.abort();
  }, [read, definitions]);
  const current = made?.of === read ? made : null;
  return { text, grids: read.grids, plan: current?.plan ?? null, mistake: read.mistake ?? current?.mistake ?? null };
}

const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** `138 recipes × 2 tensors = 276 points` and what was left out of the combinations. */
export function planWords(plan: SweepPlan, tensors: number): string {
  const recipes = plural(plan.recipes.length, "recipe");
  const whole =
    tensors === 1
      ? recipes
      : `${recipes} × ${plural(tensors, "tensor")} = ${plural(plan.recipes.length * tensors, "point")}`;
  const none = plan.skipped.reduce((sum, s) => sum + s.count, 0);
  const others = [
    plan.duplicates > 0
      ? `${plural(plan.duplicates, "combination means", "combinations mean")} the same as another`
      : "",
    none > 0 ? `${plural(none, "combination makes", "combinations make")} no sense` : "",
  ].filter(Boolean);
  return [whole, ...others].join("; ");
}
