/** Tensors written as plain numbers: as they lie in their file, or the results of a recipe. */
import type { Quantized } from "../../kernels/engine/types.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { RunOrder } from "../runs/runs.ts";
import { tiles } from "../runs/tiles.ts";
import { bytesOf } from "../tensors/decode.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { encodeFloats, type FloatDtype, floatBytes } from "./floats.ts";
import type { ArraySpec, OutputTensor, Piece, WriteTools } from "./output.ts";

/** Bytes copied, and elements converted, at a time. */
const COPY_BYTES = 2 ** 22;
const CONVERT_ELEMENTS = 2 ** 20;

/** What becomes of values that the type does not hold. */
function overflowNote(tools: WriteTools, name: string, dtype: FloatDtype, overflow: number): void {
  if (overflow === 0) return;
  const values = overflow === 1 ? "1 value was" : `${overflow} values were`;
  tools.note(`${name}: ${values} beyond the range of ${dtype} and became infinite`);
}

/** A tensor copied byte for byte, in the type that its file has. Only for little-endian plain numbers. */
export function copiedTensor({ info, stored }: Tensor): OutputTensor {
  const { source, dtype, begin } = stored!;
  const bytes = bytesOf(dtype, info.elements);
  return {
    name: info.name,
    quantized: false,
    arrays: [{ name: info.name, dtype: dtype.name, shape: info.shape, bytes }],
    pieces: (tools) => copied((from, to) => source.slice(begin + from, begin + to, tools.signal), bytes, tools),
  };
}

/** The bytes of a range, piece by piece. */
export async function* copied(
  read: (from: number, to: number) => Promise<Uint8Array>,
  bytes: number,
  tools: WriteTools,
): AsyncGenerator<Piece> {
  for (let at = 0; at < bytes; at += COPY_BYTES) {
    await tools.pace();
    yield { array: 0, bytes: (await read(at, Math.min(at + COPY_BYTES, bytes))) as Uint8Array<ArrayBuffer> };
  }
}

/** A tensor's values as they were read, in another type. */
export function convertedTensor(tensor: Tensor, dtype: FloatDtype): OutputTensor {
  const { name, shape, elements } = tensor.info;
  return {
    name,
    quantized: false,
    arrays: [{ name, dtype, shape, bytes: elements * floatBytes[dtype] }],
    async *pieces(tools) {
      let overflow = 0;
      for (let at = 0; at < elements; at += CONVERT_ELEMENTS) {
        await tools.pace();
        const encoded = encodeFloats(
          dtype,
          await tensor.read(at, Math.min(at + CONVERT_ELEMENTS, elements), tools.signal),
        );
        overflow += encoded.overflow;
        yield { array: 0, bytes: encoded.bytes };
      }
      overflowNote(tools, name, dtype, overflow);
    },
  };
}

/** A tensor that goes through a recipe. */
export interface QuantizedItem {
  tensor: Tensor;
  matrix: MatrixSource;
  order: RunOrder;
}

/** Arrays made from a recipe's result. `make` gives their bytes. */
export function quantizedTensor(
  { tensor, order }: QuantizedItem,
  arrays: readonly ArraySpec[],
  make: (quantized: Quantized, tools: WriteTools) => AsyncIterable<Piece>,
): OutputTensor {
  return {
    name: tensor.info.name,
    quantized: true,
    arrays,
    async *pieces(tools, quantizing) {
      const quantized = await tools.quantize(order, {
        signal: tools.signal,
        progress: ({ done, total }) => quantizing(done / total),
      });
      quantizing(1);
      try {
        yield* make(quantized, tools);
      } finally {
        tools.release(order);
      }
    },
  };
}

/** The results of a recipe, in the order and shape in which the tensor is stored. */
export function dequantizedTensor(item: QuantizedItem, dtype: FloatDtype): OutputTensor {
  const { name, shape, elements } = item.tensor.info;
  const array = { name, dtype, shape, bytes: elements * floatBytes[dtype] };
  return quantizedTensor(item, [array], async function* (quantized, tools) {
    let overflow = 0;
    for await (const values of storedOrder(quantized, tools)) {
      const encoded = encodeFloats(dtype, values);
      overflow += encoded.overflow;
      yield { array: 0, bytes: encoded.bytes };
    }
    overflowNote(tools, name, dtype, overflow);
  });
}

/** Results row by row; a matrix that is the transpose of what is stored is turned back in memory. */
async function* storedOrder(quantized: Quantized, tools: WriteTools): AsyncGenerator<Float32Array> {
  const { rows, cols, view } = quantized.report.matrix;
  const pieces = tiles(quantized, 0, rows, tools.pace);
  if (!view.transpose || rows === 1 || cols === 1) {
    for await (const { result } of pieces) yield result;
    return;
  }
  const whole = new Float32Array(rows * cols);
  for await (const { row0, row1, result } of pieces) {
    for (let row = row0, from = 0; row < row1; row++) {
      for (let col = 0; col < cols; col++) whole[col * rows + row] = result[from++];
    }
  }
  for (let at = 0; at < whole.length; at += CONVERT_ELEMENTS) yield whole.subarray(at, at + CONVERT_ELEMENTS);
}
