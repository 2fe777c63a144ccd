/** Lets the workers give up what was looked at and is not any more, where it takes much. */
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { type Runner, sides } from "./runs.ts";
import type { Timeline } from "./timeline.ts";

/** After this long nothing of what was there before is on the screen, and nobody is on the way back to it. */
const SETTLED_MS = 1000;
/** A view that was left may be come back to at once. */
const LEFT_MS = 10_000;

/** What a view goes back to again and again: the results of A and B, every tensor it reads, or neither. */
export type Keeping = "results" | "tensors" | null;

/** Begins to watch what is shown. */
export function startLettingGo(
  client: WorkbenchClient,
  timeline: Timeline,
  runs: Runner,
  keeps: (tab: string | null) => Keeping,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = "";
  const tab = () => timeline.getState().experiment.look.tab;
  const tell = () => {
    const shown = keeps(tab()) !== "results" ? [] : sides.flatMap((side) => runs.store.getState()[side].shown ?? []);
    const now = `${tab()} ${shown.map(({ key }) => key).join(" ")}`;
    // What still runs is on its way to the screen.
    if (runs.running || now === told) return;
    told = now;
    void client.keep({
      runs: shown.map(({ request }) => request),
      decoded: keeps(tab()) === "tensors" ? "all" : "theirs",
    });
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, keeps(tab()) === "results" ? SETTLED_MS : LEFT_MS);
  };
  runs.store.subscribe(wait);
  timeline.subscribe((now, before) => {
    if (now.experiment.look.tab !== before.experiment.look.tab) wait();
  });
}
