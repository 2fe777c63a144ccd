/**
 * The float weights of an ONNX model whose weights sit in `Constant` nodes, as Paddle's exporter writes them. Walks the
 * protobuf wire format and looks only at the fields it needs; messages and field numbers are those of `onnx.proto3`.
 */
export interface Weight {
  name: string;
  shape: number[];
  /** float32, little-endian. */
  bytes: Uint8Array;
}

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_OUTPUT = 2;
const NODE_OP_TYPE = 4;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_TENSOR = 5;
const TENSOR_DIMS = 1;
const TENSOR_DATA_TYPE = 2;
const TENSOR_RAW_DATA = 9;
const FLOAT = 1;

/** Constants of type float with more than one element (single numbers are arithmetic, not weights), in file order. */
export function onnxWeights(model: Uint8Array): Weight[] {
  const graph = fields(model).find((f) => f.number === MODEL_GRAPH)?.bytes;
  if (!graph) throw new Error("the ONNX model has no graph");
  const weights: Weight[] = [];
  for (const node of fields(graph).filter((f) => f.number === GRAPH_NODE)) {
    const parts = fields(node.bytes);
    if (text(parts, NODE_OP_TYPE) !== "Constant") continue;
    const attributes = parts.filter((f) => f.number === NODE_ATTRIBUTE).flatMap((f) => fields(f.bytes));
    const tensor = attributes.find((f) => f.number === ATTRIBUTE_TENSOR);
    if (!tensor) continue;
    const weight = floatTensor(text(parts, NODE_OUTPUT), fields(tensor.bytes));
    if (weight) weights.push(weight);
  }
  return weights;
}

function floatTensor(name: string, parts: Field[]): Weight | null {
  if (parts.find((f) => f.number === TENSOR_DATA_TYPE)?.value !== FLOAT) return null;
  const shape = parts
    .filter((f) => f.number === TENSOR_DIMS)
    .flatMap((f) => (f.wire === 2 ? packedVarints(f.bytes) : [f.value]));
  const elements = shape.reduce((product, size) => product * size, 1);
  const raw = parts.find((f) => f.number === TENSOR_RAW_DATA);
  if (elements < 2) return null;
  if (raw?.bytes.length !== 4 * elements) throw new Error(`${name}: ${raw?.bytes.length} bytes for [${shape}] floats`);
  return { name, shape, bytes: raw.bytes };
}

interface Field {
  number: number;
  wire: number;
  /** For varints. */
  value: number;
  /** For length-delimited fields. */
  bytes: Uint8Array;
}

const NOTHING = new Uint8Array();

/** The fields of a message. Throws on a wire type that is not in use or a length beyond the end. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= message.length) throw new Error("a protobuf number runs beyond its message");
      const byte = message[at++];
      result += (byte & 127) * scale;
      if (byte < 128) return result;
    }
  };
  const take = (length: number) => {
    if (at + length > message.length) throw new Error("a protobuf field runs beyond its message");
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) found.push({ number, wire, value: varint(), bytes: NOTHING });
    else if (wire === 1) found.push({ number, wire, value: 0, bytes: take(8) });
    else if (wire === 2) found.push({ number, wire, value: 0, bytes: take(varint()) });
    else if (wire === 5) found.push({ number, wire, value: 0, bytes: take(4) });
    else throw new Error(`protobuf wire type ${wire}`);
  }
  return found;
}

function packedVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      values.push(value);
      [value, scale] = [0, 1];
    }
  }
  return values;
}

function text(parts: Field[], number: number): string {
  return new TextDecoder().decode(parts.find((f) => f.number === number)?.bytes ?? NOTHING);
}
