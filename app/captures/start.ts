import type { Workbench } from "../state/workbench.ts";

/**
 * Has what a link names as captured captured anew, as soon as the model is open, and lists captured activations among its tensors. Few
 * captured anything: what does that is loaded for those.
 */
export function startCaptures(w: Workbench): void {
  const follow = async () => {
    const { ref, status, info } = w.calibration.store.getState();
    const source = w.source.store.getState();
    const asked = ref?.kind === "captured" && status === "asked";
    const captured = status === "open" && info?.kind === "capture";
    if (source.status !== "open" || !(asked || captured || source.info?.activations)) return;
    const { capturingOf } = await import("./capturing.ts");
    capturingOf(w).follow();
  };
  w.calibration.store.subscribe(follow);
  w.source.store.subscribe(follow);
}
