/** The charts of the Bench as files. */
import { captionOf, saveCharts } from "../../export/exports.ts";
import { track } from "../../state/busy.ts";
import { messageOf, notify } from "../../state/notices.ts";
import type { Workbench } from "../../state/workbench.ts";
import { withAllCharts } from "./offstage.tsx";

/** Every chart on the screen, and those of panels that their panes have no room for, each a file of its own. */
export async function exportBench(w: Workbench, kind: "svg" | "png"): Promise<void> {
  const caption = captionOf(w);
  const end = withAllCharts(w, (figures) => saveCharts(w, figures, caption, kind));
  await track(end).catch((error) => notify(messageOf(error), "error"));
}
