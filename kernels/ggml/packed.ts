/**
 * A matrix in blocks of bytes: what the statistics pass of a block quantizer leaves. Everything else (scales, codes,
 * results) is read from the bytes, which are those of a GGUF file. Rows are whole blocks, one after the other.
 */
import { RecipeError } from "../grammar/errors.ts";
import type { BlockCodec } from "./codecs.ts";
import { encodeRow, type Importance } from "./encode.ts";
import type { StoredField } from "./stored.ts";

/** Bytes of a row. */
export const rowBytes = ({ type }: BlockCodec, cols: number): number => (cols / type.elements) * type.bytes;

/**
 * Encodes whole rows, row-major from row0 on, into the bytes of the matrix, which are zero there. `importance` weighs columns, or
 * null.
 */
export function packRows(
  codec: BlockCodec,
  input: Float32Array,
  row0: number,
  rows: number,
  cols: number,
  packed: Uint8Array,
  importance: Importance | null = null,
): void {
  const size = rowBytes(codec, cols);
  for (let r = 0; r < rows; r++) {
    const row = row0 + r;
    const group = importance ? Math.floor(row / importance.rowsEach) * cols : 0;
    const weights = importance ? importance.values.subarray(group, group + cols) : null;
    try {
      encodeRow(codec, input, r * cols, cols, packed, row * size, weights);
    } catch (error) {
      if (error instanceof RecipeError) throw new RecipeError(`${codec.name}, row ${row}: ${error.message}`);
      throw error;
    }
  }
}

/** Decodes whole rows from row0 on, row-major: results and, where wanted, codes. */
export function unpackRows(
  codec: BlockCodec,
  packed: Uint8Array,
  row0: number,
  cols: number,
  result: Float32Array,
  codes: Uint32Array | null,
): void {
  const { elements, bytes, decode } = codec.type;
  let at = row0 * rowBytes(codec, cols);
  for (let to = 0; to < result.length; to += elements, at += bytes) {
    decode!(packed, at, result, to);
    if (codes) codec.layout.unpack(packed, at, codes, to);
  }
}

/** All that a field holds, over the matrix in row-major order: stored codes and their values. */
export function readField(
  { type }: BlockCodec,
  field: StoredField,
  packed: Uint8Array,
): { codes: Uint32Array; values: Float32Array } {
  const each = type.elements / field.per;
  const n = (packed.length / type.bytes) * each;
  const codes = new Uint32Array(n);
  const values = new Float32Array(n);
  for (let i = 0, at = 0; i < n; at += type.bytes) {
    for (let k = 0; k < each; k++, i++) {
      const code = field.code(packed, at, k);
      codes[i] = code;
      values[i] = field.value(code);
    }
  }
  return { codes, values };
}

/** The product of fields for each run of the innermost one's elements; every product is a float32. */
export function product(fields: readonly StoredField[], values: readonly Float32Array[], sign: 1 | -1): Float32Array {
  return values[0].map((inner, i) => {
    let p = sign * inner;
    for (let f = 1; f < fields.length; f++) p *= values[f][Math.floor((i * fields[0].per) / fields[f].per)];
    return p;
  });
}
