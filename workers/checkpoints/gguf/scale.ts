/**
 * NVFP4's scale of a whole tensor, which GGUF keeps beside it: `blk.0.up.scale` for `blk.0.up.weight`, in float32, one for
 * all or one for each expert. llama.cpp multiplies the product with the activations by it; here the weights are.
 */
import type { Tensor } from "../../tensors/tensor.ts";

/** The name of the tensor that scales another; undefined where there can be none. */
export function scaleName(name: string): string | undefined {
  return name.endsWith(".weight") ? name.replace(/weight$/, "scale") : undefined;
}

/** `tensor` times its scale, each value rounded to float32; as it is, and told, where the scale is not one that fits. */
export function scaledTensor(tensor: Tensor, scale: Tensor): Tensor {
  const { info } = tensor;
  const { name, elements, dtype, problem } = scale.info;
  const experts = info.shape.length === 3 ? info.shape[0] : 1;
  if (problem || dtype !== "F32" || (elements !== 1 && elements !== experts)) {
    const why = problem ? "cannot be read" : `has the shape [${scale.info.shape.join(", ")}] and dtype ${dtype}`;
    return { ...tensor, notes: [...tensor.notes, `Not multiplied by ${name}, as the model does: that ${why}`] };
  }
  // One scale for all is one for a single group.
  const groupSize = info.elements / elements;
  let scales: Promise<Float32Array> | null = null;
  return {
    ...tensor,
    scaledBy: name,
    notes: [...tensor.notes, `Multiplied by ${name}, as the model does`],
    async read(begin, end, signal) {
      const values = await tensor.read(begin, end, signal);
      scales ??= scale.read(0, elements).catch((error) => {
        scales = null;
        throw error;
      });
      const factors = await scales;
      for (let at = begin; at < end; ) {
        const group = Math.floor(at / groupSize);
        const stop = Math.min(end, (group + 1) * groupSize);
        for (let i = at - begin; i < stop - begin; i++) values[i] *= factors[group];
        at = stop;
      }
      return values;
    },
  };
}
