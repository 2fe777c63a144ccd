/** Tensors as ggml's blocks. */
import { encodeBlocks, type GgmlType } from "../../kernels/ggml/index.ts";
import { UserError } from "../protocol.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { OutputTensor } from "./output.ts";
import { copied } from "./plain.ts";

/** Elements read at a time, and quantized between two looks at the message queue: the slowest types take some 10 ms. */
const READ_ELEMENTS = 2 ** 18;
const ENCODE_ELEMENTS = 2 ** 14;

const blocksSize = ({ elements, bytes }: GgmlType, count: number): number => (count / elements) * bytes;

/** Blocks that are in a file already, copied. Only for little-endian ones. */
export function copiedBlocks({ info, blocks }: Tensor): OutputTensor {
  const { source, type, begin } = blocks!;
  const bytes = blocksSize(type, info.elements);
  return {
    name: info.name,
    quantized: false,
    arrays: [{ name: info.name, dtype: type.name, shape: info.shape, bytes }],
    pieces: (tools) => copied((from, to) => source.slice(begin + from, begin + to, tools.signal), bytes, tools),
  };
}

/** Values quantized to blocks of a type. The last dimension is a multiple of the block. */
export function encodedBlocks(tensor: Tensor, type: GgmlType): OutputTensor {
  const { name, shape, elements } = tensor.info;
  return {
    name,
    quantized: true,
    arrays: [{ name, dtype: type.name, shape, bytes: blocksSize(type, elements) }],
    async *pieces(tools) {
      for (let at = 0; at < elements; at += READ_ELEMENTS) {
        const values = await tensor.read(at, Math.min(at + READ_ELEMENTS, elements), tools.signal);
        checkFinite(name, type, values, at);
        const bytes = new Uint8Array(blocksSize(type, values.length));
        for (let from = 0; from < values.length; from += ENCODE_ELEMENTS) {
          await tools.pace();
          const to = Math.min(from + ENCODE_ELEMENTS, values.length);
          encodeBlocks(type, values.subarray(from, to), bytes.subarray(blocksSize(type, from), blocksSize(type, to)));
        }
        yield { array: 0, bytes };
      }
    },
  };
}

function checkFinite(name: string, type: GgmlType, values: Float32Array, at: number): void {
  const bad = values.findIndex((value) => value - value !== 0);
  if (bad < 0) return;
  throw new UserError(
    `${name}: value ${at + bad} is ${values[bad]}, and blocks of ${type.name} hold finite values only, in ggml too.`,
  );
}
