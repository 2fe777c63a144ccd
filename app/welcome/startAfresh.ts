/** Back to the first visit, with a way to undo it. */
import { defaultExperiment } from "../state/experiment.ts";
import { dismiss, notify } from "../state/notices.ts";
import type { Workbench } from "../state/workbench.ts";
import { showWelcome } from "./store.ts";

/** What a newcomer sees. */
export function startAfresh({ timeline, highlight }: Workbench): void {
  const before = timeline.getState().past;
  highlight.getState().release();
  timeline.change(() => defaultExperiment);
  showWelcome(true);
  const { past } = timeline.getState();
  const undo = { label: "Undo", run: () => timeline.undo() };
  const id = notify("Everything is as on a first visit.", "info", past === before ? undefined : undo);
  // After another change that would undo something else.
  const end = timeline.subscribe((state) => {
    if (state.past === past) return;
    end();
    dismiss(id);
  });
}
