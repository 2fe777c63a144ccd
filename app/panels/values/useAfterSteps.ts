/** What the steps of A's and B's recipes make of the values: histograms of what enters their quantizers. */
import { useEffect, useMemo, useState } from "react";
import { parseDefinition, parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { stepNamed } from "../../../kernels/steps/known.ts";
import type { WorkbenchClient } from "../../../workers/client/index.ts";
import type { RunRequest } from "../../../workers/runs/target.ts";
import type { Pair } from "../../charts/types.ts";
import { track } from "../../state/busy.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import type { Shown } from "../../state/results.ts";
import { useWorkbench } from "../../state/workbench.ts";

/** What the steps before a recipe's quantizer make of the values. */
export interface AfterSteps {
  /** As the notation writes them: `rht(64,seed=1)`. */
  steps: string;
  /** Histogram of what enters the quantizer; `null` while it is being counted, or could not be. */
  values: LinearHistogram | null;
  /** Why there is none. */
  problem: string | null;
  /** A finer one over [lo, hi). */
  refine: (lo: number, hi: number, bins: number) => Promise<LinearHistogram>;
}

/** The steps before a recipe's quantizer as the notation writes them; null where there are none. */
export function stepsOf({ recipe, definitions }: Pick<RunRequest, "recipe" | "definitions">): string | null {
  try {
    const known = definitions.map((text) => parseDefinition(text));
    const { before: steps, quantizer } = parseRecipe(recipe, { definitions: known });
    // A solver chooses codes for what enters the quantizer: it changes none of it.
    const before = steps.filter(({ name }) => stepNamed(name)?.entry.place !== "solver");
    if (before.length === 0) return null;
    const bare = {
      ...quantizer,
      base: { name: "f32", args: [] },
      rounding: null,
      block: null,
      rule: null,
      scale: null,
    };
    return printRecipe({ before, quantizer: bare, after: [] }).replace(/\+f32$/, "");
  } catch {
    return null;
  }
}

export function useAfterSteps(a: Shown | null, b: Shown | null): Pair<AfterSteps> {
  const { client } = useWorkbench();
  const ofA = useEntering(client, a);
  const ofB = useEntering(client, b);
  return useMemo(() => ({ a: ofA, b: ofB }), [ofA, ofB]);
}

function useEntering(client: WorkbenchClient, shown: Shown | null): AfterSteps | null {
  const [found, setFound] = useState<{ key: string; values: LinearHistogram | null; problem: string | null } | null>(
    null,
  );
  const steps = useMemo(() => (shown ? stepsOf(shown.request) : null), [shown]);
  useEffect(() => {
    if (!shown || steps === null) return;
    const job = new AbortController();
    track(client.call("entering", { ...shown.request, range: null }, { signal: job.signal })).then(
      (values) => setFound({ key: shown.key, values, problem: null }),
      (error) => {
        if (!isAbort(error)) setFound({ key: shown.key, values: null, problem: messageOf(error) });
      },
    );
    return () => job.abort();
  }, [client, shown, steps]);
  return useMemo(() => {
    if (!shown || steps === null) return null;
    // What was found of a recipe before is not shown as if it were of this one.
    const { values, problem } = found?.key === shown.key ? found : { values: null, problem: null };
    return {
      steps,
      values,
      problem,
      refine: (lo, hi, bins) => track(client.call("entering", { ...shown.request, range: { lo, hi, bins } })),
    };
  }, [client, shown, steps, found]);
}
