/** Gradients of compiled functions: by their inputs, at the outputs of linear layers, and by weights. */
import { jit, numpy as np, vjp } from "@jax-js/jax";
import type { Linear } from "../types.ts";
import type { Tensor } from "./math.ts";
import type { Weights } from "./steps.ts";

/** A function that jax-js traces; its inputs and weights are used up. */
export type Traced = (inputs: Tensor[], weights: Weights, tables: Tensor[]) => Tensor[];

/** What is asked for beside the gradients of the inputs. */
export interface Asked {
  /** Linears whose outputs' gradients are wanted. */
  outputs: Linear[];
  /** Names of arrays whose own gradients are wanted. */
  weights: string[];
}

export type Backward = (
  inputs: Tensor[],
  weights: Tensor[],
  tables: Tensor[],
  cotangents: Tensor[],
) => [Tensor, Tensor[], Tensor[], Tensor[]];

/**
 * The compiled backward pass of a function: from its inputs and the gradients by its values (cotangents) to its value, and the
 * gradients of its inputs, of linears' outputs and of weights. Arrays of weights come in the order of `uses`. Of several values
 * there is the sum of their products with the cotangents instead: jax-js differentiates no function whose one value is made of another.
 */
export function backwardOf(f: Traced, uses: string[], { outputs, weights: wanted }: Asked) {
  return jit((inputs: Tensor[], weights: Tensor[], tables: Tensor[], cotangents: Tensor[]) => {
    const rows = inputs[0].shape[0];
    // A gradient by zeros that are added to an output is that of the output.
    const probes = outputs.map((one) => np.zeros([rows, one.outputs]));
    const fixed = uses.filter((name) => !wanted.includes(name));
    const at = (name: string) => weights[uses.indexOf(name)];
    const single = cotangents.length === 1;
    const traced = (own: Tensor[], zeros: Tensor[], turned: Tensor[]): Tensor => {
      const weight: Weights = (name) => (wanted.includes(name) ? turned[wanted.indexOf(name)] : at(name).ref);
      weight.probe = (name) => zeros[outputs.findIndex((one) => one.weight === name)] ?? null;
      const values = f(
        own,
        weight,
        tables.map((one) => one.ref),
      );
      if (single) return values[0];
      return values.map((one, i) => one.mul(cotangents[i].ref).sum()).reduce((a, b) => a.add(b));
    };
    const [value, back] = vjp(traced, [inputs, probes, wanted.map(at)] as never) as unknown as [
      Tensor,
      ((by: Tensor) => [Tensor[], Tensor[], Tensor[]]) & { dispose(): void },
    ];
    const gradients = back(single ? cotangents[0] : np.ones([]));
    back.dispose();
    for (const one of [...fixed.map(at), ...tables, ...(single ? [] : cotangents)]) one.dispose();
    return [value, ...gradients];
  }) as unknown as Backward & { dispose(): void };
}
