import { npyHeader } from "../export/npy-header.ts";

type Values = Float32Array | Float64Array | BigInt64Array;
const types = new Map<unknown, ["<f4" | "<f8" | "<i8", string]>([
  [Float32Array, ["<f4", "F32"]],
  [Float64Array, ["<f8", "F64"]],
  [BigInt64Array, ["<i8", "I64"]],
]);

/** For tests: an array as a .npy file. */
export function npyOf(values: Values, shape: number[]): Uint8Array {
  const [descr] = types.get(values.constructor)!;
  return joined([npyHeader(descr, shape), new Uint8Array(values.buffer as ArrayBuffer)]);
}

/** For tests: arrays as a safetensors file. */
export function safetensorsOf(
  arrays: Record<string, { values: Values; shape: number[] }>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const [name, { values, shape }] of Object.entries(arrays)) {
    header[name] = { dtype: types.get(values.constructor)![1], shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return joined([
    length,
    json,
    ...Object.values(arrays).map(({ values }) => new Uint8Array(values.buffer as ArrayBuffer)),
  ]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
