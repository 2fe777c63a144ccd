/**
 * Names that may belong to a quantized weight: what is loaded with the page, so that the layouts are not. The test of the
 * layouts holds these lists to theirs.
 */
import { scaleEndings, scaleParts } from "./spellings.ts";

/** Last parts of names. */
const anchors = new Set([
  ...scaleParts,
  "qweight",
  "weight_packed",
  "scales",
  "blocks",
  "bitsandbytes__nf4",
  "bitsandbytes__fp4",
  "SCB",
  "W_q",
  "_weight_qdata",
  "bitmask",
  "weight_bitmask",
  "scale_packed",
  "q_weight",
  "B",
]);

/** Ends of names, for weights whose parts' names go on from their own. */
const endings = [...scaleEndings, "_blocks"];

/** What stands after the last dot of a name. */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Whether a tensor's name gives a quantized weight away. */
export const isAnchor = (name: string): boolean =>
  anchors.has(lastPart(name)) || endings.some((ending) => name.endsWith(ending));
