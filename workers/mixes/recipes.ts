/** Types of ggml and the recipes that make them. */
import { blockQuantizers } from "../../kernels/ggml/names.ts";
import { ggmlTypes } from "../../kernels/ggml/registry.ts";
import type { GgmlType } from "../../kernels/ggml/types.ts";
import { KEEP } from "../../kernels/notation/index.ts";

/** Plain numbers that both have. */
const FLOATS: Readonly<Record<string, string>> = { F32: "f32", F16: "f16", BF16: "bf16" };

const recipeByType = new Map([
  ...Object.entries(FLOATS),
  ...blockQuantizers.map(({ name, type }): [string, string] => [type, name]),
]);
const typeByRecipe = new Map([...recipeByType].map(([type, recipe]) => [recipe, type]));
const types = new Map(ggmlTypes.map((type) => [type.name, type]));

/** The recipe whose results are blocks of this type, as ggml spells it; null where there is none. */
export const recipeOfType = (type: string): string | null => recipeByType.get(type) ?? null;

/** The type that a canonical recipe makes; null where it makes no blocks of ggml. `keep` makes none. */
export const typeOfRecipe = (recipe: string): string | null =>
  recipe === KEEP ? null : (typeByRecipe.get(recipe) ?? null);

/** A type of ggml by its name, or undefined. */
export const ggmlType = (name: string): GgmlType | undefined => types.get(name);

/** Bytes that a type takes for so many elements in rows of whole blocks. */
export const bytesOfType = ({ elements, bytes }: GgmlType, count: number): number => (count / elements) * bytes;

/** Whether ggml makes the type with importance weights alone. */
export const wantsImportance = (type: string): boolean =>
  blockQuantizers.some((quantizer) => quantizer.type === type && quantizer.needsImportance);
