import { npyHeader } from "./npy-header.ts";
import type { OutputFile, OutputTensor } from "./output.ts";

/** One tensor as NumPy's npy, format version 1.0. NumPy has no bfloat16. */
export function npyFile(tensor: OutputTensor): OutputFile {
  const [{ dtype, shape, bytes }] = tensor.arrays;
  const head = npyHeader(dtype === "F16" ? "<f2" : "<f4", shape);
  return { head, tensors: [{ tensor, begins: [head.length] }], bytes: head.length + bytes };
}
