/** Which tensors somebody pinned, as the pins of the experiment say. */
import { parsePins } from "./limits/limits.ts";
import type { MixInView } from "./panel.ts";
import { selectedBy } from "./selection.ts";

export function pinnedOf({ state, tensors }: Pick<MixInView, "state" | "tensors">): (tensor: number) => boolean {
  if (!tensors) return () => false;
  const masks = parsePins(state.pins).map(({ selection }) => selectedBy(selection, tensors).mask);
  return (tensor) => masks.some((mask) => Boolean(mask[tensor]));
}
