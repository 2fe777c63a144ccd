/** Activations that were captured as tensors of their own: tokens x channels, which recipes quantize as they do weights. */

import { type OpenSource, openTensors } from "../sources/open.ts";
import type { TensorCache } from "../tensors/cache.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { ownNames } from "./open.ts";

const ROWS = ".rows";
const ATTENTION = /\.(queries|keys|values)$/;

/** `layers.3.mlp.down_proj.input` of the weight `layers.3.mlp.down_proj.weight`. */
const inputName = (weight: string): string => `${weight.replace(/\.weight$/, "")}.input`;

/**
 * A captured calibration's rows under the names of all weights that meet them, and queries, keys and values of its first window; null
 * where it keeps none.
 */
export function activationsOf(captured: OpenSource, id: string, cache: TensorCache): OpenSource | null {
  const { info } = captured;
  const renamed = (full: string, name: string): Tensor => {
    const tensor = captured.tensor(full);
    return { ...tensor, info: { ...tensor.info, name } };
  };
  const tensors: Tensor[] = [];
  const names = ownNames(captured);
  for (const [name, full] of names) {
    if (ATTENTION.test(name)) tensors.push(renamed(full, name));
    if (!name.endsWith(ROWS)) continue;
    const weight = name.slice(0, -ROWS.length);
    const shared = Object.entries(info.metadata).flatMap(([key, value]) =>
      value === weight && key.startsWith("inputs of ") ? [key.slice("inputs of ".length)] : [],
    );
    for (const one of [weight, ...shared]) tensors.push(renamed(full, inputName(one)));
  }
  return tensors.length === 0 ? null : openTensors(tensors, id, cache, "activations", info.label);
}
