/**
 * Numbers that a tensor holds in protobuf's own encodings, as the plain little-endian bytes that they stand for. Floats in
 * one packed piece are such bytes already, and are read by range; everything else is decoded as a whole when first read.
 */

import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { Latest } from "../../bytes/latest.ts";
import { UserError } from "../../errors/user-error.ts";
import { MAX_TYPED } from "../limits.ts";
import { DOUBLE_DATA, FLOAT_DATA } from "./element-types.ts";
import { packedVarints, type Range } from "./wire.ts";

export interface TypedNumbers {
  /** The field of TensorProto they are in. */
  field: number;
  /** Where they are, without keys and lengths. */
  pieces: readonly Range[];
}

/** The source, and the byte of it at which the numbers begin. */
export interface Bytes {
  source: ByteSource;
  begin: number;
}

const decoded = new Latest<Uint8Array>();

/**
 * Numbers of `width` bytes each (of types below a byte, one byte for each that is filled), `count` of them. `what` names
 * the tensor. Throws UserError for what cannot be as many.
 */
export function typedBytes(
  file: ByteSource,
  what: string,
  { field, pieces }: TypedNumbers,
  width: number,
  count: number,
): Bytes {
  const length = pieces.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const fixed = field === FLOAT_DATA || field === DOUBLE_DATA;
  if (fixed ? length !== width * count : length < count || length > 10 * count) {
    throw new UserError(`${what} has ${length} bytes of numbers for ${count} of them. The file is damaged.`);
  }
  if (fixed && pieces.length === 1) return { source: file, begin: pieces[0].begin };
  if (length > MAX_TYPED || width * count > MAX_TYPED) {
    throw new UserError(
      `${what} holds ${formatBytes(length)} of numbers of various lengths; such tensors are read up to ${formatBytes(MAX_TYPED)}. Save the model with raw_data.`,
    );
  }
  const size = width * count;
  const decode = fixed ? joined : varints;
  const source: ByteSource = {
    name: file.name,
    size,
    async slice(begin, end, signal) {
      checkRange(what, size, begin, end);
      const whole = await decoded.get(source, () => decode(file, what, pieces, width, count, signal));
      return whole.slice(begin, end);
    },
  };
  return { source, begin: 0 };
}

/** Pieces one after the other; those that follow each other closely are read together. */
async function joined(
  file: ByteSource,
  _: string,
  pieces: readonly Range[],
  width: number,
  count: number,
  signal?: AbortSignal,
) {
  const out = new Uint8Array(width * count);
  let at = 0;
  for (const [{ begin, end }, bytes] of await pieceBytes(file, pieces, signal)) {
    out.set(bytes, at);
    at += end - begin;
  }
  return out;
}

async function varints(
  file: ByteSource,
  what: string,
  pieces: readonly Range[],
  width: number,
  count: number,
  signal?: AbortSignal,
) {
  const out = new DataView(new ArrayBuffer(width * count));
  let found = 0;
  try {
    for (const [, bytes] of await pieceBytes(file, pieces, signal)) {
      for (const value of packedVarints(bytes)) {
        if (found === count) throw new RangeError("too many");
        if (width === 8) out.setBigInt64(8 * found, value, true);
        else if (width === 4) out.setInt32(4 * found, Number(BigInt.asIntN(32, value)), true);
        else if (width === 2) out.setInt16(2 * found, Number(BigInt.asIntN(16, value)), true);
        else out.setInt8(found, Number(BigInt.asIntN(8, value)));
        found++;
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${what} should have ${count} numbers, but they are ${error.message}. The file is damaged.`);
  }
  if (found !== count)
    throw new UserError(`${what} should have ${count} numbers, but has ${found}. The file is damaged.`);
  return new Uint8Array(out.buffer);
}

/** Bytes between two pieces that are read along rather than asked for anew: the keys of single numbers. */
const CLOSE = 64;

async function pieceBytes(
  file: ByteSource,
  pieces: readonly Range[],
  signal?: AbortSignal,
): Promise<[Range, Uint8Array][]> {
  const result: [Range, Uint8Array][] = [];
  for (let first = 0; first < pieces.length; ) {
    let last = first;
    while (last + 1 < pieces.length && pieces[last + 1].begin - pieces[last].end <= CLOSE) last++;
    const { begin } = pieces[first];
    const bytes = await file.slice(begin, pieces[last].end, signal);
    for (const piece of pieces.slice(first, last + 1)) {
      result.push([piece, bytes.subarray(piece.begin - begin, piece.end - begin)]);
    }
    first = last + 1;
  }
  return result;
}
