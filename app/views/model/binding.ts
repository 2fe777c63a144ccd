/** Which language model the open source holds, asked of the workers when the view is seen. */
import { useEffect } from "react";
import { createStore } from "zustand/vanilla";
import type { ModelDescription } from "../../../workers/models/describe.ts";
import { track } from "../../state/busy.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import { perWorkbench, useStoreOf, useWorkbench, type Workbench } from "../../state/workbench.ts";
import { SAMPLE_TEXT } from "./texts.ts";

export interface ModelInfo extends ModelDescription {
  /** The source that it is of. */
  source: string;
  /** Whether a text lies beside it. */
  bundled: boolean;
}

export interface ModelStoreState {
  source: string | null;
  status: "none" | "asking" | "known" | "failed";
  /** Null where the source holds no network that is known. */
  info: ModelInfo | null;
  problem: string | null;
}

export const modelStoreOf = perWorkbench(() =>
  createStore<ModelStoreState>(() => ({ source: null, status: "none", info: null, problem: null })),
);

/** Whether a text lies beside the checkpoint: beside a bundled one, or among the files that were given. */
function hasText(w: Workbench): boolean {
  const { ref, info, samples } = w.source.store.getState();
  if (ref?.kind === "sample")
    return samples.find(({ id }) => id === ref.id)?.files?.some(({ name }) => name === SAMPLE_TEXT) ?? false;
  return info?.fingerprints.some(({ name }) => name === SAMPLE_TEXT) ?? false;
}

async function ask(w: Workbench, source: string): Promise<void> {
  const store = modelStoreOf(w);
  store.setState({ source, status: "asking", info: null, problem: null });
  const current = () => store.getState().source === source;
  try {
    const description = await track(w.client.call("model", { source }));
    if (!current()) return;
    const known = description.about !== null;
    const info = known ? { ...description, source, bundled: hasText(w) } : null;
    store.setState({ status: "known", info, problem: known ? null : description.problems.join(" ") });
  } catch (error) {
    if (current() && !isAbort(error)) store.setState({ status: "failed", problem: messageOf(error) });
  }
}

/** Asks once a source, while the view is on the screen. */
export function useBinding(): void {
  const w = useWorkbench();
  const source = useStoreOf(w.source.store, (s) => (s.status === "open" ? (s.info?.id ?? null) : null));
  useEffect(() => {
    if (source !== null && modelStoreOf(w).getState().source !== source) void ask(w, source);
  }, [w, source]);
}
