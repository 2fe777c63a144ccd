/** Attention of all heads under recipes: the job's and the command's common part. */
import {
  ATTENTION_ROLES,
  type AttentionFigures,
  type AttentionRecipes,
  type AttentionRole,
  addSums,
  attentionFigures,
  measureAttention,
  noSums,
} from "../../kernels/attention/index.ts";
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { parseDefinition, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import type { Backends } from "../backends/backends.ts";
import { type JobControl, pacer } from "../pace/pace.ts";
import { type AttentionTriple, type HeadCounts, headsOf } from "./heads.ts";

export interface AttentionOrder extends HeadCounts {
  /** Texts by role; what has none stays as it is. */
  recipes: { readonly [R in AttentionRole]?: string };
  definitions: readonly string[];
  causal: boolean;
  /** What logits are multiplied by; 1 / sqrt(values of a query) where null. */
  scale: number | null;
}

export interface AttentionReport {
  /** Canonical. */
  recipes: { [R in AttentionRole]?: string };
  figures: AttentionFigures;
  byHead: AttentionFigures[];
  /** Bits a value, scales and all, mean over heads. */
  bits: { [R in AttentionRole]?: number };
  tokens: number;
  keyTokens: number;
}

/** A recipe, whose mistakes say which of the four it is. */
function readFor(role: AttentionRole, text: string, definitions: Definition[]): Recipe {
  try {
    return parseRecipe(text, { definitions });
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    throw new RecipeError(`${role}: ${error.message}`, error.column, error.remedies);
  }
}

/**
 * Measures every head. Each head's queries, keys and values go through their recipes by themselves, so that a tensor's own scale is a head's.
 * Rejects with RecipeError or UserError for what does not fit, and with AbortError.
 */
export async function attention(
  triple: AttentionTriple,
  order: AttentionOrder,
  backends: Backends,
  control: JobControl,
): Promise<AttentionReport> {
  const definitions = order.definitions.map((text) => parseDefinition(text));
  const recipes: { [R in AttentionRole]?: AttentionRecipes[R] } = {};
  const texts: AttentionReport["recipes"] = {};
  for (const role of ATTENTION_ROLES) {
    const text = order.recipes[role];
    if (text === undefined) continue;
    recipes[role] = readFor(role, text, definitions);
    texts[role] = printRecipe(recipes[role]!, { definitions });
  }
  const total = noSums();
  const byHead: AttentionFigures[] = [];
  const bits: AttentionReport["bits"] = {};
  const pace = pacer(control.signal);
  for await (const head of headsOf(triple, order)) {
    const shape = { causal: order.causal, scale: order.scale ?? head.dim ** -0.5 };
    const one = await measureAttention(head, shape, recipes, definitions, {
      backendFor: async (plan) => (await backends.choose(null, plan)).backend,
      checkpoint: () => pace(),
      now: () => performance.now(),
    });
    addSums(total, one.sums);
    byHead.push(attentionFigures(one.sums));
    for (const role of ATTENTION_ROLES) {
      if (one.bits[role] !== undefined) bits[role] = (bits[role] ?? 0) + one.bits[role]! / order.heads;
    }
    control.progress({ done: byHead.length, total: order.heads, unit: "heads", phase: "attention" });
  }
  const { rows: tokens } = triple.queries;
  return { recipes: texts, figures: attentionFigures(total), byHead, bits, tokens, keyTokens: triple.keys.rows };
}
