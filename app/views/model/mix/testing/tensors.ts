/** Tensors of a mixture of experts: an embedding, and in each layer queries and two matrices of every expert. */
import { type MixTensors, tensorsOf } from "../tensors.ts";

const NONE: number[] = [];
const NO_WORDS: string[] = [];
const NO_TRUTHS: boolean[] = [];

export function moeTensors(layers: number, experts: number): MixTensors {
  const one = (name: string, layer: number | null, role: string, expert: number | null, elements: number) => ({
    name,
    layer,
    role,
    expert,
    elements,
    shape: NONE,
    storedBits: 16 * elements,
    rows: 1,
    rowsRead: 1,
    energy: 1,
    bits: NONE,
    refused: NO_WORDS,
    exact: NO_TRUTHS,
  });
  const tensors = [one("embed.weight", null, "embedding", null, 512)];
  for (let l = 0; l < layers; l++) {
    for (const role of ["gate_proj", "down_proj"])
      for (let e = 0; e < experts; e++)
        tensors.push(one(`layers.${l}.experts.${e}.${role}.weight`, l, role, e, 64 + (e % 7)));
    tensors.push(one(`layers.${l}.q_proj.weight`, l, "q_proj", null, 128));
  }
  return tensorsOf({ tensors });
}
