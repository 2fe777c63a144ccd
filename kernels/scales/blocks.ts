import type { BlockCodec } from "../ggml/codecs.ts";
import { product, readField } from "../ggml/packed.ts";
import type { Scales } from "./resolve.ts";
import type { BlockStatistics } from "./statistics.ts";

/** The scales of a block quantizer, read from the blocks that the statistics pass made. Ideals are not known (NaN). */
export function readBlocks(codec: BlockCodec, { amax, packed }: BlockStatistics): Scales {
  const levels = [...codec.scales, ...codec.offsets].map((field) => {
    const { codes, values } = readField(codec, field, packed);
    return { codes, values, ideal: new Float64Array(values.length).fill(Number.NaN) };
  });
  const values = levels.map((level) => level.values);
  const effective = product(codec.scales, values, 1);
  const offsets =
    codec.offsets.length > 0
      ? product(codec.offsets, values.slice(codec.scales.length), codec.offsetSign)
      : new Float32Array(effective.length);
  let dead = 0;
  for (let b = 0; b < amax.length; b++) if (effective[b] === 0 && offsets[b] === 0 && amax[b] > 0) dead++;
  const none = new Float32Array(0);
  return { levels, effective, reciprocal: none, zeroPoints: new Int32Array(0), dead, blocks: { packed, offsets } };
}
