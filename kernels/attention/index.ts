/** Attention under recipes for queries, keys, values and probabilities: what they do to logits, probabilities and outputs. */
export { type AttentionFigures, attentionFigures } from "./figures.ts";
export { type AttentionMeasured, type AttentionRecipes, addSums, measureAttention, noSums } from "./measure.ts";
export {
  ATTENTION_ROLES,
  type AttentionHead,
  type AttentionRole,
  type AttentionShape,
  type AttentionSums,
} from "./types.ts";
