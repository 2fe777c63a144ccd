/**
 * Last parts of names that may belong to a quantized weight: what is loaded with the page, so that the layouts are not. The
 * test of the layouts holds this list to theirs.
 */
const anchors = new Set([
  "qweight",
  "weight_packed",
  "weight_scale",
  "weight_scale_inv",
  "scale",
  "blocks",
  "gate_up_proj_blocks",
  "down_proj_blocks",
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

/** What stands after the last dot of a name. */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Whether a tensor's name gives a quantized weight away. */
export const isAnchor = (name: string): boolean => anchors.has(lastPart(name));
