import { generate } from "../sources/generators.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { kinds, type SyntheticSpec, syntheticText } from "./synthetic.ts";

/** Draws of activations are those of other seeds than a generated weight's of the same seed. */
const APART = 0x9e3779b9;

/** Tokens for a weight of `cols` inputs. Throws UserError. */
export function syntheticTensor(spec: SyntheticSpec, cols: number): Tensor {
  const { generator, params } = kinds.find(({ name }) => name === spec.name)!;
  const seed = (spec.seed ^ APART) >>> 0;
  const tensor = generate({ name: generator, rows: spec.tokens, cols, seed, params });
  return { ...tensor, info: { ...tensor.info, name: syntheticText(spec) } };
}
