/** For tests: bitsandbytes, HQQ and torchao, written from their descriptions, element by element. */
import { brain, bytesOf, Draw, e4m3, half, integers, setBits, single, times, type Written } from "./bits.ts";

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** bitsandbytes in 4 bits: flat, the first of two in the high nibble, a map of its own in the file. */
export function writeBnb4(
  shape: number[],
  size: number,
  kind: "nf4" | "fp4",
  nestedSize: number | null,
  seed: number,
): Written {
  const draw = new Draw(seed);
  const count = shape.reduce((a, b) => a * b, 1);
  const blocks = Math.ceil(count / size);
  const map = draw.list(16, single);
  const codes = draw.list(count, (d) => d.below(16));
  const bytes = new Uint8Array(Math.ceil(count / 2));
  for (const [at, code] of codes.entries()) setBits(bytes, 8 * Math.floor(at / 2) + (at % 2 === 0 ? 4 : 0), 4, code);
  const absmax = draw.list(blocks, single);
  const nestedCodes = draw.list(blocks, (d) => d.below(256));
  const nestedMap = draw.list(256, single);
  const nestedAbsmax = draw.list(nestedSize ? Math.ceil(blocks / nestedSize) : 0, single);
  const offset = 0.0123456789;
  const x = "model.layers.0.self_attn.v_proj.weight";
  const state = {
    quant_type: kind,
    blocksize: size,
    dtype: "bfloat16",
    shape,
    ...(nestedSize && { nested_blocksize: nestedSize, nested_dtype: "float32", nested_offset: offset }),
  };
  const description = json(state);
  return {
    tensors: [
      { name: x, dtype: "U8", shape: [bytes.length, 1], bytes },
      nestedSize
        ? { name: `${x}.absmax`, dtype: "U8", shape: [blocks], bytes: Uint8Array.from(nestedCodes) }
        : { name: `${x}.absmax`, dtype: "F32", shape: [blocks], bytes: bytesOf(absmax, 4) },
      ...(nestedSize
        ? [
            { name: `${x}.nested_absmax`, dtype: "F32", shape: [nestedAbsmax.length], bytes: bytesOf(nestedAbsmax, 4) },
            { name: `${x}.nested_quant_map`, dtype: "F32", shape: [256], bytes: bytesOf(nestedMap, 4) },
          ]
        : []),
      { name: `${x}.quant_map`, dtype: "F32", shape: [16], bytes: bytesOf(map, 4) },
      { name: `${x}.quant_state.bitsandbytes__${kind}`, dtype: "U8", shape: [description.length], bytes: description },
    ],
    name: x,
    shape,
    layout: `bitsandbytes ${kind.toUpperCase()}${nestedSize ? ", nested" : ""}`,
    value(at) {
      const block = Math.floor(at / size);
      const scale = nestedSize
        ? Math.fround(
            times(nestedMap[nestedCodes[block]].value, nestedAbsmax[Math.floor(block / nestedSize)].value) +
              Math.fround(offset),
          )
        : absmax[block].value;
      return times(map[codes[at]].value, scale);
    },
  };
}

/** LLM.int8(). */
export function writeBnb8([out, inputs]: [number, number], seed: number): Written {
  const draw = new Draw(seed);
  const codes = draw.list(out * inputs, (d) => d.below(255) - 127);
  const maxima = draw.list(out, single);
  return {
    tensors: [
      { name: "fc.SCB", dtype: "F32", shape: [out], bytes: bytesOf(maxima, 4) },
      { name: "fc.weight", dtype: "I8", shape: [out, inputs], bytes: integers(codes, 1) },
      { name: "fc.weight_format", dtype: "U8", shape: [], bytes: Uint8Array.of(0) },
    ],
    name: "fc.weight",
    shape: [out, inputs],
    layout: "bitsandbytes INT8",
    value: (at) => times(times(codes[at], maxima[Math.floor(at / inputs)].value), Math.fround(7.874015718698502e-3)),
  };
}

/** HQQ: the weight reshaped to groups; of its rows, those a step apart share a word, the first at the top. */
export function writeHqq(
  shape: [number, number],
  bits: 8 | 4 | 3 | 2 | 1,
  size: number,
  axis: 0 | 1,
  seed: number,
): Written {
  const draw = new Draw(seed);
  const count = shape[0] * shape[1];
  const groups = count / size;
  const [rows, cols] = axis === 1 ? [groups, size] : [size, groups];
  const perWord = { 8: 1, 4: 2, 3: 10, 2: 4, 1: 8 }[bits];
  const width = bits === 3 ? 4 : 1;
  const step = Math.ceil(rows / perWord);
  const codes = draw.list(count, (d) => d.below(2 ** bits));
  const scales = draw.list(groups, half);
  const zeros = draw.list(groups, half);
  const bytes = new Uint8Array(step * cols * width);
  for (const [at, code] of codes.entries()) {
    const [r, c] = [Math.floor(at / cols), at % cols];
    const segment = Math.floor(r / step);
    setBits(bytes, 8 * width * ((r % step) * cols + c) + bits * (perWord - 1 - segment), bits, code);
  }
  const grouped = axis === 1 ? [groups, 1] : [1, groups];
  const small = (key: string, ...values: number[]) => ({
    ...{ name: `h.${key}`, dtype: "I32", shape: [values.length] },
    bytes: integers(values, 4),
  });
  return {
    tensors: [
      { name: "h.W_q", dtype: bits === 3 ? "I32" : "U8", shape: [step, cols], bytes },
      small("axis", axis),
      small("group_size", size),
      small("nbits", bits),
      { name: "h.scale", dtype: "F16", shape: grouped, bytes: bytesOf(scales, 2) },
      small("shape", ...shape),
      { name: "h.zero", dtype: "F16", shape: grouped, bytes: bytesOf(zeros, 2) },
    ],
    name: "h.weight",
    shape,
    layout: "HQQ",
    value(at) {
      const group = axis === 1 ? Math.floor(at / cols) : at % cols;
      return times(Math.fround(codes[at] - zeros[group].value), scales[group].value);
    },
  };
}

/** torchao's plain classes. */
export function writeTorchao(
  [out, inputs]: [number, number],
  group: number,
  type: "Int4Tensor" | "IntxUnpackedToInt8Tensor" | "Float8Tensor",
  seed: number,
): Written {
  const draw = new Draw(seed);
  const groups = Math.ceil(inputs / group);
  const codes = draw.list(out * inputs, (d) => d.below(16) - 8);
  const floats = draw.list(out * inputs, e4m3);
  const scales = draw.list(out * groups, brain);
  const zeros = draw.list(out * groups, brain);
  const wholeZeros = draw.list(out * groups, (d) => d.below(16) - 8);
  const cell = (at: number) => Math.floor(at / inputs) * groups + Math.floor((at % inputs) / group);
  const nibbles = new Uint8Array((out * inputs) / 2);
  for (const [at, code] of codes.entries()) setBits(nibbles, 4 * at, 4, (code + 16) % 16);
  // Int4Tensor keeps scales and zero points transposed.
  const turned = <T>(list: readonly T[]) =>
    Array.from({ length: list.length }, (_, i) => list[(i % out) * groups + Math.floor(i / out)]);
  const x = "decoder.0";
  const parts = {
    Int4Tensor: [
      { name: `${x}._weight_qdata`, dtype: "U8", shape: [out, inputs / 2], bytes: nibbles },
      { name: `${x}._weight_scale`, dtype: "BF16", shape: [groups, out], bytes: bytesOf(turned(scales), 2) },
      { name: `${x}._weight_zero_point`, dtype: "BF16", shape: [groups, out], bytes: bytesOf(turned(zeros), 2) },
    ],
    IntxUnpackedToInt8Tensor: [
      { name: `${x}._weight_qdata`, dtype: "I8", shape: [out, inputs], bytes: integers(codes, 1) },
      { name: `${x}._weight_scale`, dtype: "BF16", shape: [out, groups], bytes: bytesOf(scales, 2) },
      { name: `${x}._weight_zero_point`, dtype: "I8", shape: [out, groups], bytes: integers(wholeZeros, 1) },
    ],
    Float8Tensor: [
      { name: `${x}._weight_qdata`, dtype: "F8_E4M3", shape: [out, inputs], bytes: bytesOf(floats, 1) },
      { name: `${x}._weight_scale`, dtype: "BF16", shape: [out, groups], bytes: bytesOf(scales, 2) },
    ],
  };
  return {
    tensors: parts[type],
    metadata: { [`${x}.weight`]: JSON.stringify({ _type: type, _data: { block_size: [1, group] } }) },
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: `torchao ${type}`,
    value(at) {
      const c = cell(at);
      if (type === "Int4Tensor") return Math.fround(times(codes[at], scales[c].value) + zeros[c].value);
      if (type === "Float8Tensor") return times(floats[at].value, scales[c].value);
      return times(codes[at] - wholeZeros[c], scales[c].value);
    },
  };
}
