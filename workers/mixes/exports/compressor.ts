/**
 * An assignment as a recipe.yaml of llm-compressor: one quantization modifier with a config group for each way in which weights are
 * quantized (`QuantizationScheme` of https://github.com/vllm-project/compressed-tensors). Targets after `re:` have to match a module's name
 * from its beginning.
 */
import { compressorWeights } from "../../../kernels/configs/index.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Assignment } from "../assignment.ts";
import { expressionsOf } from "../expressions.ts";
import type { MixExport } from "../types.ts";
import { byWhat, linearAlone, modulesOf } from "./modules.ts";

export function compressorExport(assignment: Assignment): MixExport {
  const notes: string[] = [];
  const { modules, without } = modulesOf("llm-compressor", assignment, {
    recipe(recipe, text) {
      const found = compressorWeights(recipe, assignment.definitions);
      if (found.args === null) return { why: found.note };
      if (!found.exact) notes.push(`${text}: ${found.note}.`);
      return { as: [found.args, ...(found.observer === null ? [] : [found.observer])].join(", ") };
    },
    weight: linearAlone,
  });
  const all = modules.map(({ module }) => module);
  const groups = byWhat(modules).map(([weights, names], i) => {
    const targets = expressionsOf(names, all).map((pattern) => `re:${pattern}$`);
    return [`        group_${i}:`, `          targets: ${listOf(targets)}`, `          weights: {${weights}}`].join(
      "\n",
    );
  });
  const lines = ["quant_stage:", "  quant_modifiers:", "    QuantizationModifier:", "      config_groups:", ...groups];
  return {
    tool: "llm-compressor",
    texts: [{ file: "recipe.yaml", title: "a recipe of llm-compressor", text: `${lines.join("\n")}\n` }],
    without,
    notes,
  };
}

/** A flow sequence whose items are quoted as JSON does it, which YAML reads alike. */
const listOf = (items: readonly string[]): string => `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;

export interface CompressorGroup {
  targets: string[];
  /** Arguments of the weights, as they are written. */
  weights: string;
}

/** Reads the groups of a recipe that was written here. Throws UserError. */
export function readCompressorRecipe(text: string): CompressorGroup[] {
  const groups = text.matchAll(/^ {8}group_\d+:\n {10}targets: (\[.*\])\n {10}weights: \{(.*)\}$/gm);
  const read = [...groups].map(([, targets, weights]) => ({ targets: JSON.parse(targets) as string[], weights }));
  if (read.length === 0) throw new UserError("This is no recipe of llm-compressor with config groups.");
  return read;
}

/** The arguments that a module's weight gets; null for none. As the library looks: the first group that a name matches from its beginning. */
export function weightsOf(groups: readonly CompressorGroup[], module: string): string | null {
  const hit = groups.find(({ targets }) =>
    targets.some((target) =>
      target.startsWith("re:") ? new RegExp(`^(?:${target.slice(3)})`).test(module) : target === module,
    ),
  );
  return hit?.weights ?? null;
}
