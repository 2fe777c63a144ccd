import { blocksToLittleEndian, decodeBlocks } from "../../kernels/ggml/index.ts";
import type { TensorInfo } from "./info.ts";
import { type BlockPlacement, CHUNK, type Tensor } from "./tensor.ts";

/** A tensor whose elements are stored by blocks of several. Their number must be a multiple of the block's. */
export function blockTensor(
  info: Omit<TensorInfo, "bytes">,
  { source, type, begin, littleEndian }: BlockPlacement,
): Tensor {
  const { elements, bytes: size } = type;
  const end = begin + (info.elements / elements) * size;
  /** Elements [first, last), through the whole blocks that hold them. */
  const decode = async (first: number, last: number, signal?: AbortSignal): Promise<Float32Array> => {
    const from = Math.floor(first / elements);
    const to = Math.ceil(last / elements);
    const bytes = await source.slice(begin + from * size, begin + to * size, signal);
    if (!littleEndian) blocksToLittleEndian(type, bytes);
    const values = new Float32Array((to - from) * elements);
    decodeBlocks(type, bytes, values);
    const whole = last - first === values.length;
    return whole ? values : values.slice(first - from * elements, last - from * elements);
  };
  return {
    info: { ...info, bytes: { file: source.name, begin, end } },
    notes: [],
    blocks: { source, type, begin, littleEndian },
    async read(first, last, signal) {
      if (last - first <= CHUNK) return decode(first, last, signal);
      const out = new Float32Array(last - first);
      for (let at = first; at < last; at += CHUNK) {
        out.set(await decode(at, Math.min(at + CHUNK, last), signal), at - first);
      }
      return out;
    },
  };
}
