import type { Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";

/** Part of a NumPy program: definitions that it needs, and the lines that go in and come back. */
export interface StepProgram {
  functions: readonly string[];
  /** Lines over `x`, rows x cols float32, and `original`. */
  forward: string;
  /** Lines over `result`, and `codes` where the step moves them. */
  back: string;
  /** Whether it moves columns: `places` then goes with them, since random rounding draws by where a value comes from. */
  moves?: boolean;
}

/** What is stored beside the codes, as one expression over a float32 array. Throws RecipeError but for plain f16 and f32. */
export function storeInPython(array: string, { quantizer }: Recipe): string {
  const { base, block, rounding } = quantizer;
  const plain = base.args.length === 0 && !block && !rounding;
  if (plain && base.name === "f32") return array;
  if (plain && base.name === "f16") return `np.clip(${array}, -65504, 65504).astype(np.float16).astype(np.float32)`;
  throw new RecipeError(`what is stored beside the codes is written as Python for f16 and f32 alone`);
}
