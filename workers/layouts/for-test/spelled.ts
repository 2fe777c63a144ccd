/** For tests: a weight in 8 bits or FP4 and its scales, under any names. */
import { bytesOf, Draw, e2m1, e4m3, positiveE4m3, type Stored, setBits, single, times, type Written } from "./bits.ts";

export interface Spelled {
  weight: string;
  scales: string;
  global?: string;
  /** The shape of the scales as stored, and the index of the scale of an element. */
  scaleShape: number[];
  at(index: number): number;
}

/** E4M3 codes with float32 scales. */
export function writeSpelled(
  shape: readonly number[],
  { weight, scales, global, scaleShape, at }: Spelled,
  seed: number,
): Written {
  const draw = new Draw(seed);
  const codes = draw.list(
    shape.reduce((a, b) => a * b, 1),
    e4m3,
  );
  const own = draw.list(
    scaleShape.reduce((a, b) => a * b, 1),
    single,
  );
  const whole = global === undefined ? null : single(draw);
  const scale = (i: number) => (whole ? times(own[at(i)].value, whole.value) : own[at(i)].value);
  return {
    ...{ name: weight, shape: [...shape], layout: "", metadata: {} },
    tensors: [
      { name: weight, dtype: "F8_E4M3", shape: [...shape], bytes: bytesOf(codes, 1) },
      { name: scales, dtype: "F32", shape: scaleShape, bytes: bytesOf(own, 4) },
      ...(whole ? [{ name: global!, dtype: "F32", shape: [], bytes: bytesOf([whole], 4) }] : []),
    ],
    value: (i) => times(codes[i].value, scale(i)),
  };
}

/** Where the scale of a row and a run of 16 lies in tiles of 128 x 4, written out anew. */
function inTiles(row: number, run: number, runs: number): number {
  const across = Math.ceil(runs / 4);
  const tile = Math.floor(row / 128) * across + Math.floor(run / 4);
  return tile * 512 + (row % 32) * 16 + Math.floor((row % 128) / 32) * 4 + (run % 4);
}

/** ComfyUI's NVFP4: the first element in the high nibble, scales in tiles, a mark of JSON beside them. */
export function writeComfyNvfp4(rows: number, cols: number, inMetadata: boolean, seed: number): Written {
  const draw = new Draw(seed);
  const codes = draw.list(rows * cols, e2m1);
  const runs = cols / 16;
  const scales = draw.list(rows * runs, positiveE4m3);
  const global = single(draw);
  const bytes = new Uint8Array((rows * cols) / 2);
  for (const [i, { bits }] of codes.entries()) setBits(bytes, 8 * Math.floor(i / 2) + (i % 2 === 0 ? 4 : 0), 4, bits);
  const tiles: Stored[] = Array.from({ length: Math.ceil(rows / 128) * Math.ceil(runs / 4) * 512 }, () => ({
    bits: 0,
    value: 0,
  }));
  for (let r = 0; r < rows; r++) for (let c = 0; c < runs; c++) tiles[inTiles(r, c, runs)] = scales[r * runs + c];
  const mark = new TextEncoder().encode(JSON.stringify({ format: "nvfp4" }));
  const layers = { format_version: "1.0", layers: { "m.fc": { format: "nvfp4" } } };
  return {
    ...{ name: "m.fc.weight", shape: [rows, cols], layout: "ComfyUI NVFP4" },
    tensors: [
      { name: "m.fc.weight", dtype: "U8", shape: [rows, cols / 2], bytes },
      {
        name: "m.fc.weight_scale",
        dtype: "F8_E4M3",
        shape: [Math.ceil(rows / 128) * 128, Math.ceil(runs / 4) * 4],
        bytes: bytesOf(tiles, 1),
      },
      { name: "m.fc.weight_scale_2", dtype: "F32", shape: [], bytes: bytesOf([global], 4) },
      ...(inMetadata ? [] : [{ name: "m.fc.comfy_quant", dtype: "U8", shape: [mark.length], bytes: mark }]),
    ],
    metadata: inMetadata ? { _quantization_metadata: JSON.stringify(layers) } : {},
    value: (i) =>
      times(
        codes[i].value,
        times(scales[Math.floor(i / cols) * runs + Math.floor((i % cols) / 16)].value, global.value),
      ),
  };
}
