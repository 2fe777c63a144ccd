/** How a model uses its tensors, which tells where a matrix has its outputs: ONNX's own layout does not. */
import type { MatrixView } from "../../../kernels/report/report.ts";
import type { Dequantization } from "../../tensors/dequantization.ts";
import { defaultView } from "../../tensors/tensor.ts";
import { codesReadBy, dequantizationBy } from "./quantized-uses.ts";

export interface NodeUse {
  opType: string;
  inputs: readonly string[];
  outputs: readonly string[];
  integers: ReadonlyMap<string, number>;
  /** The graph that it is in; empty for the main one. */
  path: string;
}

/** What a node says of codes, by names in its own graph. */
export interface CodesUse {
  path: string;
  codes: string;
  how: Dequantization;
}

/** Operators whose result is their first input, converted. */
const CONVERSIONS = new Set(["DequantizeLinear", "Cast", "Identity", "CastLike"]);

/** Inputs of operators that multiply by a matrix of [in, out], unless `transB` says that it is [out, in]. */
const RIGHT_FACTORS = new Map([
  ["MatMul", 1],
  ["MatMulInteger", 1],
  ["QLinearMatMul", 3],
  ["FusedMatMul", 1],
  ["Gemm", 1],
]);

/** Operators whose second and third inputs are [directions, out, in]. */
const RECURRENT = new Set(["LSTM", "GRU", "RNN"]);

export interface MatrixRoles {
  /** Tensors that are [in, out], those behind conversions included. */
  inOut: ReadonlySet<string>;
  /** Tensors that are several matrices of [out, in]. */
  stacked: ReadonlySet<string>;
}

export class Uses {
  readonly #inOut = new Set<string>();
  readonly #stacked = new Set<string>();
  /** From a conversion's result to what is converted. */
  readonly #from = new Map<string, string>();

  /** What operators say of codes, the first of each. */
  readonly quantized = new Map<string, CodesUse>();
  /** Names that operators of quantized arithmetic read, with the operator. */
  readonly read = new Map<string, string>();

  node(use: NodeUse): void {
    const { opType, inputs, outputs, integers, path } = use;
    const said = dequantizationBy(use);
    const key = said && `${path}\0${said.codes}`;
    if (said && key !== null && !this.quantized.has(key)) this.quantized.set(key, { path, ...said });
    for (const name of codesReadBy(use)) if (name !== "" && !this.read.has(name)) this.read.set(name, opType);
    if (CONVERSIONS.has(opType) && inputs[0] && outputs[0]) this.#from.set(outputs[0], inputs[0]);
    if (RECURRENT.has(opType)) for (const weights of inputs.slice(1, 3)) this.#stacked.add(weights);
    const input = integers.get("transB") ? undefined : RIGHT_FACTORS.get(opType);
    if (input === undefined || inputs[input] === undefined) return;
    this.#inOut.add(inputs[input]);
  }

  /** To be asked for once all nodes are known. */
  roles(): MatrixRoles {
    return { inOut: this.#withSources(this.#inOut), stacked: this.#withSources(this.#stacked) };
  }

  #withSources(used: Iterable<string>): Set<string> {
    const names = new Set<string>();
    for (const first of used) {
      for (let name: string | undefined = first; name !== undefined && !names.has(name); name = this.#from.get(name))
        names.add(name);
    }
    return names;
  }
}

/** The usual view: outputs as rows. Matrices that the model multiplies by from the right have them as columns. */
export function onnxView(name: string, shape: readonly number[], { inOut, stacked }: MatrixRoles): MatrixView {
  if (shape.length === 2 && inOut.has(name)) return { split: 1, transpose: true };
  return shape.length === 3 && stacked.has(name) ? { split: 2, transpose: false } : defaultView(shape);
}
