import { Unzlib } from "fflate";
import { UserError } from "../../errors/user-error.ts";
import { MOST_SAMPLES, type Pixels } from "./samples.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Chunks that hold the picture. The others (texts, profiles, times) are not decoded: some are compressed without bound. */
const NEEDED = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
const PALETTE = 3;
/** Samples a pixel by colour type; 3 is a palette, one index a pixel. */
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export const isPng = (head: Uint8Array): boolean => SIGNATURE.every((byte, i) => head[i] === byte);

interface Chunk {
  type: string;
  begin: number;
  /** After the checksum. */
  end: number;
}

function readChunks(name: string, bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < bytes.length; ) {
    if (at + 12 > bytes.length) throw cutOff(name, bytes.length);
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (end > bytes.length) throw cutOff(name, bytes.length);
    if (NEEDED.has(type)) chunks.push({ type, begin: at, end });
    if (type === "IEND") return chunks;
    at = end;
  }
  throw cutOff(name, bytes.length);
}

const cutOff = (name: string, size: number) =>
  new UserError(`${name}: the PNG picture ends in the middle, at byte ${size}. It was cut off.`);

/** Decodes a PNG picture of any depth and colour type. Rejects with UserError. (W3C PNG, third edition.) */
export async function decodePng(name: string, bytes: Uint8Array): Promise<Pixels> {
  const chunks = readChunks(name, bytes);
  if (chunks[0]?.type !== "IHDR" || chunks[0].end - chunks[0].begin !== 25) {
    throw new UserError(`${name}: the PNG picture does not begin with its header.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunks[0].begin + 8);
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  const perPixel = SAMPLES[colour] ?? 4;
  if (width * height === 0 || width * height * (colour === PALETTE ? 4 : perPixel) > MOST_SAMPLES) {
    throw new UserError(
      `${name}: a picture of ${width} x ${height} pixels is not opened; up to ${MOST_SAMPLES} samples are.`,
    );
  }
  const interlaced = view.getUint8(12) === 1;
  if (interlaced && depth < 8) {
    throw new UserError(
      `${name}: interlaced PNG pictures of ${depth} bits a sample are not read. Save it without interlacing.`,
    );
  }
  checkInflated(name, bytes, chunks, dataBytes(width, height, perPixel * depth, interlaced));
  // Alpha of a palette's colours; of other pictures it is one colour that stands for none, and is shown.
  const kept = chunks.filter(({ type }) => type !== "tRNS" || colour === PALETTE);
  const picture = new Uint8Array(SIGNATURE.length + kept.reduce((sum, c) => sum + c.end - c.begin, 0));
  picture.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const { begin, end } of kept) {
    picture.set(bytes.subarray(begin, end), at);
    at += end - begin;
  }
  // Few people open pictures: the decoder is fetched for those who do.
  const { convertIndexedToRgb, decode } = await import("fast-png");
  try {
    const decoded = decode(picture, { checkCrc: true });
    if (decoded.palette) {
      const samples = convertIndexedToRgb(decoded);
      return { width, height, channels: decoded.palette[0].length, samples, white: 255 };
    }
    const samples = depth < 8 ? unpack(decoded.data as Uint8Array, width, height, depth) : decoded.data;
    return { width, height, channels: decoded.channels, samples, white: 2 ** depth - 1 };
  } catch (error) {
    throw new UserError(`${name}: the PNG picture is damaged (${(error as Error).message}).`);
  }
}

/** First pixel and steps, across and down, of the seven passes of an interlaced picture (Adam7). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the inflated data: each row of each pass has a first byte of its own, and ends with a whole byte. */
function dataBytes(width: number, height: number, bitsPerPixel: number, interlaced: boolean): number {
  const passes = interlaced ? PASSES : [[0, 0, 1, 1] as const];
  return passes.reduce((sum, [x, y, across, down]) => {
    const columns = Math.ceil((width - x) / across);
    const rows = Math.ceil((height - y) / down);
    return columns > 0 && rows > 0 ? sum + rows * (Math.ceil((columns * bitsPerPixel) / 8) + 1) : sum;
  }, 0);
}

/** Inflates the picture's data a little at a time, and refuses it where it is not what the header says. */
function checkInflated(name: string, bytes: Uint8Array, chunks: readonly Chunk[], expected: number): void {
  // Some writers leave bytes behind the last row.
  const most = 2 * expected + 2 ** 16;
  let size = 0;
  const stream = new Unzlib((part) => {
    size += part.length;
  });
  const parts = chunks.filter((c) => c.type === "IDAT");
  try {
    for (const [i, { begin, end }] of parts.entries()) {
      const last = i === parts.length - 1;
      for (let at = begin + 8; at < end - 4 || at === begin + 8; at += STEP) {
        const stop = Math.min(at + STEP, end - 4);
        stream.push(bytes.subarray(at, stop), last && stop === end - 4);
        if (size > most) break;
      }
    }
  } catch (error) {
    throw new UserError(`${name}: the PNG picture is damaged (${(error as Error).message}).`);
  }
  if (size > most) throw new UserError(`${name}: the PNG picture unpacks to more than its size needs, and is refused.`);
  if (size < expected) throw new UserError(`${name}: the PNG picture has less data than its size needs.`);
}

const STEP = 2 ** 14;

/** Grey samples of 1, 2 or 4 bits; rows begin at whole bytes. */
function unpack(data: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const stride = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    return (data[Math.floor(i / width) * stride + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask;
  });
}
