/**
 * How a file itself says that a tensor of codes becomes values, by the operators of a graph or the quantizer of a library:
 * nothing has to be told from names. Parts are tensors of the same file, by name.
 */
export type Dequantization = Blocked | NBits;

/** value = (code - zero) * scale, with a scale for all, for each index along an axis, or for runs along it. */
export interface Blocked {
  kind: "blocked";
  /** For people: "DequantizeLinear". */
  by: string;
  scales: string;
  zeros: string | null;
  /** The axis that scales run along; null where one stands for all. */
  axis: number | null;
  /** Elements along the axis that share a scale, where scales are as many-dimensional as the codes. */
  run: number | null;
}

/** onnxruntime's MatMulNBits: [outputs, blocks, bytes], codes from the lowest bits up. */
export interface NBits {
  kind: "nbits";
  by: string;
  scales: string;
  zeros: string | null;
  groups: string | null;
  outputs: number;
  inputs: number;
  bits: number;
  block: number;
}
