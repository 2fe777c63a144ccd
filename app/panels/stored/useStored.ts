/** Asks the workers what a quantized weight's sample shows. */
import { useEffect, useState } from "react";
import type { StoredFigures } from "../../../workers/layouts/stored-figures.ts";
import type { Target } from "../../../workers/runs/target.ts";
import { track } from "../../state/busy.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import { useWorkbench } from "../../state/workbench.ts";

export interface StoredResult {
  figures: StoredFigures | null;
  problem: string | null;
  /** The figures are of the target before. */
  stale: boolean;
}

const nothing = { key: "", figures: null, problem: null };

export function useStored({ source, tensor, view }: Target): StoredResult {
  const { client } = useWorkbench();
  const [result, setResult] = useState<{ key: string } & Omit<StoredResult, "stale">>(nothing);
  const key = JSON.stringify([source, tensor]);
  const { split, transpose } = view;
  useEffect(() => {
    const asking = new AbortController();
    track(client.call("stored", { target: { source, tensor, view: { split, transpose } } }, { signal: asking.signal }))
      .then((figures) => setResult({ key, figures, problem: null }))
      .catch((error) => {
        if (!isAbort(error)) setResult({ key, figures: null, problem: messageOf(error) });
      });
    return () => asking.abort();
  }, [client, key, source, tensor, split, transpose]);
  const stale = result.key !== key;
  // Old figures are shown as old; an old problem would be told of a weight that has none.
  return { figures: result.figures, problem: stale ? null : result.problem, stale };
}
