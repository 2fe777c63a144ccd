/** What was captured of a layer as the arrays of a file, and their digest: the one that the reader finds again. */
import type { Calibration } from "../../kernels/calibration/index.ts";
import type { Dense } from "../../kernels/linalg/index.ts";
import { hex, Sha256 } from "../bytes/sha256.ts";
import { PARTS } from "../calibration/capture.ts";

/** Bytes hashed between two looks at whoever cancels. */
const HASHED = 2 ** 20;

type Values = Float64Array | Float32Array | BigInt64Array;

export interface CapturedArray {
  name: string;
  dtype: "F64" | "F32" | "I64";
  shape: number[];
  values: Values;
}

const dtypeOf = (values: Values): CapturedArray["dtype"] =>
  values instanceof Float64Array ? "F64" : values instanceof Float32Array ? "F32" : "I64";

const array = (name: string, shape: number[], values: Values): CapturedArray => ({
  ...{ name, dtype: dtypeOf(values), shape, values },
});

/** Of the inputs of the layer `name`, in the order of `PARTS`. */
export function arraysOf(name: string, calibration: Calibration): CapturedArray[] {
  const { cols, tokens, leftOut, gram, rows, experts, cross, output } = calibration;
  const out: CapturedArray[] = [];
  const add = (key: keyof typeof PARTS, shape: number[], values: Values | null | undefined) => {
    if (values) out.push(array(`${name}.${PARTS[key]}`, shape, values));
  };
  add("tokens", [], BigInt64Array.of(BigInt(tokens ?? 0)));
  add("leftOut", [], BigInt64Array.of(BigInt(leftOut)));
  add("gram", [cols, cols], gram?.values);
  for (const key of ["mean", "meanAbs", "meanSquare", "min", "max"] as const) add(key, [cols], calibration[key]);
  add("rows", [(rows?.length ?? 0) / cols, cols], rows);
  add("experts", [experts?.count ?? 0, cols], experts?.meanSquare);
  add("cross", [cols, cols], cross?.values);
  add("output", [output?.rows ?? 0, output?.cols ?? 0], output?.values);
  return out;
}

/** Of the loss's gradients at the outputs of the layer `name`. */
export const gradientsArray = (name: string, { rows, cols, values }: Dense): CapturedArray =>
  array(`${name}.${PARTS.output}`, [rows, cols], values);

/** SHA-256 of arrays as a calibration's source tells it: their values one after the other, numbers of tokens apart. */
export async function digestOf(arrays: readonly CapturedArray[], pace: () => Promise<void>): Promise<string> {
  const digest = new Sha256();
  for (const { dtype, values } of arrays) {
    if (dtype === "I64") continue;
    const bytes = bytesOf(values);
    for (let at = 0; at < bytes.length; at += HASHED) {
      digest.update(bytes.subarray(at, at + HASHED));
      await pace();
    }
  }
  return hex(digest.finish());
}

/** The values as they lie in memory, little-endian wherever this runs. */
export const bytesOf = (values: Values | Int32Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
