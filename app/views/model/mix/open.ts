/** From the mix to the Bench. */
import { KEEP } from "../../../../kernels/notation/index.ts";
import { findTensor } from "../../../../workers/layouts/address.ts";
import { withLook, withRecipe, withTensor } from "../../../state/experiment.ts";
import { notify } from "../../../state/notices.ts";
import type { Workbench } from "../../../state/workbench.ts";

/** An expert of a stack opens the stack that it lies in. */
const ofStack = (name: string): string => name.replace(/\[\d+\]$/, "");

/** A tensor on the Bench with what it was assigned as recipe A or B; the Bench keeps its own where it is kept as stored. */
export function openOnBench(w: Workbench, name: string, recipe: string | null, side: "a" | "b"): void {
  const { info } = w.source.store.getState();
  const tensor = info && (findTensor(info, name) ?? findTensor(info, ofStack(name)));
  if (!tensor) {
    notify(`The open source has no tensor ${name}.`, "error");
    return;
  }
  w.timeline.change((e) => {
    const there = withLook(withTensor(e, tensor), { tab: null });
    return recipe === null || recipe === KEEP ? there : withRecipe(there, side, recipe);
  });
}
