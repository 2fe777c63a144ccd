/** Small pictures of tensors, made only for rows that are on the screen and one at a time, after the real work. */
import { createStore } from "zustand/vanilla";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { TensorSummary } from "../../workers/tensors/summary.ts";
import { track } from "./busy.ts";
import type { Runner } from "./runs.ts";

/** A picture is not worth reading more than this: larger tensors get theirs when they are shown. */
const MOST_ELEMENTS = 1 << 22;

export class Summaries {
  /** By source and name; `null` where there can be none. */
  readonly store = createStore<{ known: ReadonlyMap<string, TensorSummary | null> }>(() => ({ known: new Map() }));
  private wanted: { source: string; tensor: TensorInfo }[] = [];
  private working = false;

  constructor(
    private readonly client: WorkbenchClient,
    private readonly runs: Runner,
  ) {
    runs.store.subscribe(() => void this.work());
  }

  static key = (source: string, tensor: string): string => `${source}\n${tensor}`;

  /** The rows on the screen, first to last; rows that scrolled away are forgotten. */
  want(source: string, tensors: TensorInfo[]): void {
    this.wanted = tensors
      .filter((t) => !t.problem && t.elements > 0 && t.elements <= MOST_ELEMENTS)
      .map((tensor) => ({ source, tensor }));
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.working || this.runs.running) return;
    const { known } = this.store.getState();
    const next = this.wanted.find((w) => !known.has(Summaries.key(w.source, w.tensor.name)));
    if (!next) return;
    this.working = true;
    const target = { source: next.source, tensor: next.tensor.name, view: next.tensor.view };
    const summary = await track(this.client.summarize(target)).catch(() => null);
    this.store.setState(({ known }) => ({
      known: new Map(known).set(Summaries.key(next.source, next.tensor.name), summary),
    }));
    this.working = false;
    void this.work();
  }
}
