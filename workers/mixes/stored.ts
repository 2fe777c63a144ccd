/** What a quantized checkpoint is stored as, read as a mix: GGUF, and the layouts of safetensors whose quantizer the notation has words for. */
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { KEEP, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { commonName } from "../pairing/names.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import { addTo } from "./lists.ts";
import { recipeOfType } from "./recipes.ts";
import { rulesOf } from "./rules.ts";
import type { Mix, MixModel, MixTensor } from "./types.ts";

/** Plain numbers: whoever assigns recipes to another copy of the model keeps these. */
const PLAIN = new Set(["F64", "F32", "F16", "BF16", "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"]);

/** Floats of a byte that stand by themselves, as safetensors spells them: casts. */
const CASTS: Readonly<Record<string, string>> = { F8_E4M3: "e4m3", F8_E5M2: "e5m2" };

/** A recipe, and what it does not say; or none (`null`), and why. */
interface Said {
  recipe: string | null;
  note: string | null;
}

/**
 * The recipe of each tensor of a source as it is stored, under the source's own names. Vectors and plain numbers are kept (16-bit matrices
 * of a GGUF file are casts there: which type the model had, the file does not say), as are weights whose quantizer has no recipe; notes
 * say which.
 */
export function storedMix(info: Pick<SourceInfo, "label" | "tensors" | "kind">): Mix {
  const without = new Map<string, string[]>();
  const remarks = new Set<string>();
  const tensors = info.tensors.map((tensor): MixTensor => {
    const bytes = storedBytes(tensor);
    const { recipe, note } = recipeOf(tensor, info.kind === "gguf");
    if (recipe === null) addTo(without, note!, tensor.name);
    else if (note !== null) remarks.add(note);
    return { name: tensor.name, recipe: recipe ?? KEEP, bits: 8 * bytes, bytes };
  });
  const notes = [...without].map(([why, names]) => `${why} Kept: ${someOf(names)}.`);
  return { name: `as stored in ${info.label}`, rules: rulesOf(tensors), tensors, notes: [...remarks, ...notes] };
}

const someOf = ([first, ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;

function recipeOf({ dtype, stored, shape }: TensorInfo, gguf: boolean): Said {
  if (stored) return ofLayout(stored.kind);
  if (shape.length < 2) return { recipe: KEEP, note: null };
  if (PLAIN.has(dtype))
    return { recipe: gguf && (dtype === "F16" || dtype === "BF16") ? dtype.toLowerCase() : KEEP, note: null };
  const recipe = CASTS[dtype] ?? recipeOfType(dtype);
  return { recipe, note: recipe === null ? `There is no recipe that makes ${dtype}.` : null };
}

function ofLayout({
  layout,
  recipe,
  recipeNote,
}: {
  layout: string;
  recipe: string | null;
  recipeNote: string | null;
}): Said {
  if (recipe === null)
    return { recipe, note: `${layout}: ${recipeNote ?? "the notation has no words for its quantizer."}` };
  try {
    return { recipe: printRecipe(parseRecipe(recipe)), note: recipeNote === null ? null : `${layout}: ${recipeNote}` };
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    return { recipe: null, note: `${layout}: its recipe ${recipe} cannot be read here.` };
  }
}

/**
 * The mix of another copy of a model on this one: each tensor gets what its namesake has, by the same name, by llama.cpp's, or by the
 * usual renaming. Those without one are kept. Experts that share a tensor there share its bytes.
 */
export function transferred(mix: Mix, { tensors: own }: MixModel): Mix {
  const byName = new Map(mix.tensors.map((tensor) => [tensor.name, tensor]));
  const byCommon = new Map<string, MixTensor | null>();
  for (const tensor of mix.tensors) {
    const key = commonName(tensor.name);
    byCommon.set(key, byCommon.has(key) ? null : tensor);
  }
  const stacks = new Map<string, number>();
  for (const { gguf, elements } of own) if (gguf) stacks.set(gguf.name, (stacks.get(gguf.name) ?? 0) + elements);
  const missing: string[] = [];
  const tensors = own.map(({ name, gguf, elements, bytes }): MixTensor => {
    const same = byName.get(name);
    if (same) return same;
    const stack = gguf && byName.get(gguf.name);
    if (stack) {
      const share = elements / stacks.get(gguf.name)!;
      return { name, recipe: stack.recipe, bits: stack.bits * share, bytes: stack.bytes * share };
    }
    const common = byCommon.get(commonName(name));
    if (common) return { ...common, name };
    missing.push(name);
    return { name, recipe: KEEP, bits: 8 * bytes, bytes };
  });
  const notes = missing.length === 0 ? [] : [`${mix.name}: it has no tensor for ${someOf(missing)}, kept here.`];
  return { name: mix.name, rules: rulesOf(tensors), tensors, notes: [...mix.notes, ...notes] };
}
