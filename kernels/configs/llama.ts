/** llama-quantize of llama.cpp, by the names of its types. */
import { blockQuantizer } from "../ggml/names.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import { printRecipe } from "../notation/index.ts";
import type { ToolConfig } from "./types.ts";

/** What the command calls a mixture whose main type is this one; with --pure that type alone is left of it. */
const MIXTURES: Record<string, string> = { q3_k: "Q3_K_S", q4_k: "Q4_K_S", q5_k: "Q5_K_S" };

/** Recipes that a block type comes near to, and what is different there. */
const NEAR: Record<string, { type: string; but: string }> = {
  "int8/32:f16": { type: "q8_0", but: "ties go away from zero, and codes are rounded by the float32 scale" },
  "int8@away/32:f16": { type: "q8_0", but: "codes are rounded by the float32 scale, of which float16 is stored" },
  "int4(signmax)/32:f16": { type: "q4_0", but: "ties go up, and codes are rounded by the float32 scale" },
  "int5(signmax)/32:f16": { type: "q5_0", but: "ties go up, and codes are rounded by the float32 scale" },
  mxfp4: { type: "ggml_mxfp4", but: "ties go toward zero" },
};

const command = (type: string) => `llama-quantize --pure model-f32.gguf model-${type.toLowerCase()}.gguf ${type}`;

/** The command that gives every tensor this recipe. */
export function llamaConfig(recipe: Recipe, definitions: readonly Definition[]): ToolConfig {
  const target = "llama.cpp";
  const { before, quantizer, after } = recipe;
  const [step] = [...before, ...after];
  if (step) return { target, text: null, exact: false, note: `llama-quantize has no ${step.name}` };
  const text = printRecipe(recipe, { definitions });
  if (quantizer.base.name === "f32" && !quantizer.block) {
    const note = "every value is kept";
    return { target, text: "llama-quantize model.gguf model-f32.gguf F32", exact: true, note };
  }
  const near = Object.hasOwn(NEAR, text) ? NEAR[text] : null;
  const block = blockQuantizer(near?.type ?? quantizer.base.name);
  if (!block) {
    return {
      target,
      text: null,
      exact: false,
      note: "no block type of ggml has this format with these blocks and scales",
    };
  }
  const differs = near ? `${block.type} comes near: ${near.but}; the recipe ${block.name} is exactly that` : null;
  if (block.name === "ggml_nvfp4") {
    const note = "llama-quantize makes no NVFP4; converters write it, and an export to GGUF does";
    return { target, text: null, exact: false, note };
  }
  if (block.name === "ggml_mxfp4") {
    const note = [differs, "MXFP4_MOE is for the experts of a mixture; other tensors get Q8_0"]
      .filter(Boolean)
      .join(". ");
    return { target, text: "llama-quantize model-f32.gguf model-mxfp4.gguf MXFP4_MOE", exact: false, note };
  }
  if (block.needsImportance) {
    const note = `llama-quantize makes ${block.type} with an importance matrix alone (--imatrix); of ones it gives these blocks`;
    return { target, text: null, exact: false, note };
  }
  const usual =
    "without an importance matrix, and by a build without fused multiply-add: others give a few other codes. " +
    "Vectors stay F32, and rows that are no whole blocks get another type";
  return {
    target,
    text: command(MIXTURES[block.name] ?? block.type),
    exact: near === null,
    note: differs ? `${differs}. ${usual}` : usual,
  };
}
