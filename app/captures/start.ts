import type { Workbench } from "../state/workbench.ts";

/** Has what a link names as captured captured anew, as soon as the model is open. Few links do: what captures is loaded for those. */
export function startCaptures(w: Workbench): void {
  const follow = async () => {
    const { ref, status } = w.calibration.store.getState();
    if (ref?.kind !== "captured" || status !== "asked" || w.source.store.getState().status !== "open") return;
    await (await import("./capturing.ts")).capturingOf(w).named();
  };
  w.calibration.store.subscribe(follow);
  w.source.store.subscribe(follow);
}
