/** The inspections of the marked element under A and B: the latest asked for, never an older one after it. */
import { createStore } from "zustand/vanilla";
import type { Inspection } from "../../kernels/report/report.ts";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { track } from "./busy.ts";
import type { createHighlightStore } from "./highlight.ts";
import { isAbort, messageOf, notify } from "./notices.ts";
import { type Runner, sides } from "./runs.ts";
import type { Pair, Side } from "./types.ts";

export class Marks {
  readonly store = createStore<Pair<Inspection>>(() => ({ a: null, b: null }));
  private readonly asked: Record<Side, { key: string; job: AbortController } | null> = { a: null, b: null };

  constructor(
    private readonly client: WorkbenchClient,
    private readonly highlight: ReturnType<typeof createHighlightStore>,
    private readonly runs: Runner,
  ) {
    highlight.subscribe(() => this.follow());
    runs.store.subscribe(() => this.follow());
  }

  private follow(): void {
    const mark = this.highlight.getState().highlight;
    const results = this.runs.store.getState();
    const shape = (results.a.shown ?? results.b.shown)?.report.matrix;
    if (mark && shape && (mark.row >= shape.rows || mark.col >= shape.cols)) {
      this.highlight.getState().release();
      return;
    }
    for (const side of sides) {
      const shown = results[side].shown;
      if (!mark || !shown) this.clear(side);
      else this.ask(side, `${shown.key} ${mark.row} ${mark.col}`, mark.row, mark.col);
    }
  }

  private clear(side: Side): void {
    this.asked[side]?.job.abort();
    this.asked[side] = null;
    if (this.store.getState()[side]) this.store.setState({ [side]: null });
  }

  private ask(side: Side, key: string, row: number, col: number): void {
    const shown = this.runs.store.getState()[side].shown;
    if (!shown || this.asked[side]?.key === key) return;
    this.asked[side]?.job.abort();
    const asked = { key, job: new AbortController() };
    this.asked[side] = asked;
    track(this.client.call("inspect", { ...shown.request, row, col }, { signal: asked.job.signal }))
      .then((inspection) => {
        if (this.asked[side] === asked) this.store.setState({ [side]: inspection });
      })
      .catch((error) => {
        if (this.asked[side] === asked && !isAbort(error)) notify(messageOf(error), "error");
      });
  }
}
