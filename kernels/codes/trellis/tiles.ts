import { SIDE, TILE, type TrellisCode } from "./shape.ts";

/** The place in a tile, row * 16 + column, of the i-th value of a walk. Rows are outputs. */
export function placesOf(order: TrellisCode["order"]): Uint8Array {
  return Uint8Array.from({ length: TILE }, (_, i) => (order === "qtip" ? qtipPlace(i) : exl3Place(i)));
}

/** `_PERMUTE` of QTIP's `ldlq.py`: the order in which a tensor core's threads hold a tile. */
function qtipPlace(i: number): number {
  const [pair, upper, right, four, row] = [i & 1, (i >> 1) & 1, (i >> 2) & 1, (i >> 3) & 3, i >> 5];
  return (upper * 8 + row) * SIDE + right * 8 + four * 2 + pair;
}

/** `tensor_core_perm` of ExLlamaV3, whose tiles have inputs as rows. */
function exl3Place(i: number): number {
  const [thread, k] = [i >> 3, i & 7];
  const input = (thread % 4) * 2 + (k & 1) + (k & 2 ? 8 : 0);
  const output = (thread >> 2) + (k & 4 ? 8 : 0);
  return output * SIDE + input;
}

/** The values of `rows` x 16, in the walks of its tiles one after the other. What is not finite counts as zero. */
export function intoWalks(
  values: Float32Array,
  stride: number,
  rows: number,
  places: Uint8Array,
  scale: number,
): Float32Array {
  const out = new Float32Array(rows * SIDE);
  for (let t = 0; t < rows / SIDE; t++) {
    for (let i = 0; i < TILE; i++) {
      const x = values[(t * SIDE + (places[i] >> 4)) * stride + (places[i] & 15)];
      out[t * TILE + i] = scale > 0 && x - x === 0 ? x / scale : 0;
    }
  }
  return out;
}
