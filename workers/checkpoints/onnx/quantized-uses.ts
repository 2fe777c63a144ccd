/**
 * Operators that read codes together with their scales, as data: what they say of a weight is how its values are made. A new
 * operator is one entry. Inputs are counted from 0; those of `onnx` and of onnxruntime's `com.microsoft`.
 */
import type { Dequantization } from "../../tensors/dequantization.ts";
import type { NodeUse } from "./uses.ts";

interface Affine {
  kind: "affine";
  codes: number;
  scales: number;
  zeros: number;
  /** The axis of scales that differ: an attribute with its default, or what the operator fixes. */
  axis: (integers: ReadonlyMap<string, number>) => number;
  /** Attribute with the elements along the axis that share a scale. */
  run?: string;
}

const operators: Readonly<Record<string, Affine | { kind: "nbits" }>> = {
  DequantizeLinear: {
    ...{ kind: "affine", codes: 0, scales: 1, zeros: 2, run: "block_size" },
    axis: (integers) => integers.get("axis") ?? 1,
  },
  QLinearMatMul: { kind: "affine", codes: 3, scales: 4, zeros: 5, axis: () => -1 },
  QLinearConv: { kind: "affine", codes: 3, scales: 4, zeros: 5, axis: () => 0 },
  QGemm: { kind: "affine", codes: 3, scales: 4, zeros: 5, axis: (integers) => (integers.get("transB") ? 0 : 1) },
  MatMulNBits: { kind: "nbits" },
};

/** Names of operators that read codes; a tensor of integers that they read is no plain weight. */
const READS_CODES = /^Q(?:Linear|Gemm|Attention|MoE)|Integer$|Quantize|NBits|Bnb4|FpQ4/;

/** What a node says of one of its inputs, by the names in its own graph; null where it says nothing. */
export function dequantizationBy({ opType, inputs, integers }: NodeUse): { codes: string; how: Dequantization } | null {
  const operator = Object.hasOwn(operators, opType) ? operators[opType] : null;
  const input = (i: number) => inputs[i] || null;
  if (!operator) return null;
  if (operator.kind === "nbits") {
    const [codes, scales] = [input(1), input(2)];
    const number = (key: string) => integers.get(key) ?? 0;
    if (!codes || !scales) return null;
    const sizes = {
      outputs: number("N"),
      inputs: number("K"),
      bits: integers.get("bits") ?? 4,
      block: number("block_size"),
    };
    return { codes, how: { kind: "nbits", by: opType, scales, zeros: input(3), groups: input(4), ...sizes } };
  }
  const [codes, scales] = [input(operator.codes), input(operator.scales)];
  if (!codes || !scales) return null;
  const run = operator.run === undefined ? 0 : (integers.get(operator.run) ?? 0);
  const axis = operator.axis(integers);
  return {
    codes,
    how: { kind: "blocked", by: opType, scales, zeros: input(operator.zeros), axis, run: run > 0 ? run : null },
  };
}

/** Inputs that an operator of quantized arithmetic reads. */
export const codesReadBy = ({ opType, inputs }: NodeUse): readonly string[] => (READS_CODES.test(opType) ? inputs : []);
