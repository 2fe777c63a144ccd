import { utf8 } from "../bytes-for-test.ts";

/** For tests: protobuf fields, written by their numbers. */
export type Fields = readonly (readonly [number: number, value: number | bigint | string | Uint8Array | Fields])[];

/** For tests: a message in protobuf's wire format. Numbers become varints; texts, bytes and messages get their length. */
export function message(fields: Fields): Uint8Array {
  const out: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "number" || typeof value === "bigint") out.push(...varint(number * 8), ...varint(value));
    else {
      const bytes = typeof value === "string" ? utf8(value) : value instanceof Uint8Array ? value : message(value);
      out.push(...varint(number * 8 + 2), ...varint(bytes.length));
      for (const byte of bytes) out.push(byte);
    }
  }
  return Uint8Array.from(out);
}

/** For tests: a varint; negative numbers as 64-bit two's complement. */
export function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

/** For tests: numbers packed as varints. */
export const packed = (...values: (number | bigint)[]) => Uint8Array.from(values.flatMap(varint));

/** For tests: a TensorProto with its bytes raw, or with any other fields. */
export function tensorProto(name: string, dims: readonly number[], type: number, data: Uint8Array | Fields): Fields {
  const numbers: Fields = data instanceof Uint8Array ? [[9, data]] : data;
  return [...dims.map((size): [number, number] => [1, size]), [2, type], ...numbers, [8, name]];
}

export interface TestNode {
  op: string;
  name?: string;
  inputs?: readonly string[];
  outputs?: readonly string[];
  /** Attributes by name: fields of AttributeProto. */
  attributes?: Record<string, Fields>;
}

/** For tests: a NodeProto. */
export function nodeProto({ op, name = "", inputs = [], outputs = [], attributes = {} }: TestNode): Fields {
  return [
    ...inputs.map((input): [number, string] => [1, input]),
    ...outputs.map((output): [number, string] => [2, output]),
    [3, name],
    [4, op],
    ...Object.entries(attributes).map(([key, fields]): [number, Fields] => [5, [[1, key], ...fields]]),
  ];
}

/** For tests: a GraphProto. */
export function graphProto(
  nodes: readonly TestNode[],
  initializers: readonly Fields[] = [],
  more: Fields = [],
): Fields {
  return [
    ...nodes.map((node): [number, Fields] => [1, nodeProto(node)]),
    [2, "graph"],
    ...initializers.map((tensor): [number, Fields] => [5, tensor]),
    ...more,
  ];
}

/** For tests: a model around a graph. */
export function writeModel(graph: Fields, more: Fields = []): Uint8Array {
  return message([[1, 8], [2, "a test"], [7, graph], [8, [[2, 17]]], ...more]);
}
