/** For tests: integer layouts written from their descriptions, element by element. */
import { brain, bytesOf, Draw, half, integers, setBits, times, type Written } from "./bits.ts";

interface Shape {
  out: number;
  inputs: number;
  group: number;
}

/** GPTQ: value j of a column at bit j * bits of that column's words; zero points along the output, less one in v1. */
export function writeGptq(
  { out, inputs, group }: Shape,
  bits: number,
  { version = 1, actOrder = false, config = true }: { version?: 1 | 2; actOrder?: boolean; config?: boolean },
  seed: number,
): Written {
  const draw = new Draw(seed);
  const groups = Math.ceil(inputs / group);
  const words = (inputs * bits) / 32;
  const codes = draw.list(out * inputs, (d) => d.below(2 ** bits));
  const zeros = draw.list(groups * out, (d) => (version === 1 ? 1 : 0) + d.below(2 ** bits - 1));
  const scales = draw.list(groups * out, half);
  const index = Array.from({ length: inputs }, (_, i) => (actOrder ? draw.below(groups) : Math.floor(i / group)));
  const qweight = new Uint8Array(words * out * 4);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let b = 0; b < bits; b++) {
        const bit = i * bits + b;
        const word = Math.floor(bit / 32) * out + o;
        setBits(qweight, 32 * word + (bit % 32), 1, Math.floor(codes[o * inputs + i] / 2 ** b) % 2);
      }
    }
  }
  const zeroWords = (out * bits) / 32;
  const qzeros = new Uint8Array(groups * zeroWords * 4);
  for (let g = 0; g < groups; g++) {
    for (let o = 0; o < out; o++) {
      const stored = zeros[g * out + o] - (version === 1 ? 1 : 0);
      setBits(qzeros, 32 * g * zeroWords + o * bits, bits, stored);
    }
  }
  const x = "model.layers.0.q_proj";
  return {
    tensors: [
      { name: `${x}.g_idx`, dtype: "I32", shape: [inputs], bytes: integers(index, 4) },
      { name: `${x}.qweight`, dtype: "I32", shape: [words, out], bytes: qweight },
      { name: `${x}.qzeros`, dtype: "I32", shape: [groups, zeroWords], bytes: qzeros },
      { name: `${x}.scales`, dtype: "F16", shape: [groups, out], bytes: bytesOf(scales, 2) },
    ],
    ...(config && {
      config: {
        name: "quantize_config.json",
        json: {
          bits,
          group_size: group,
          desc_act: actOrder,
          sym: false,
          ...(version === 2 && { checkpoint_format: "gptq_v2" }),
        },
      },
    }),
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: version === 2 ? "GPTQ v2" : "GPTQ",
    value(at) {
      const [o, i] = [Math.floor(at / inputs), at % inputs];
      const cell = index[i] * out + o;
      return times(codes[at] - zeros[cell], scales[cell].value);
    },
  };
}

/** AWQ: nibble n of a word holds column [0, 2, 4, 6, 1, 3, 5, 7][n] of its eight. */
export function writeAwq({ out, inputs, group }: Shape, seed: number): Written {
  const draw = new Draw(seed);
  const order = [0, 2, 4, 6, 1, 3, 5, 7];
  const groups = Math.ceil(inputs / group);
  const codes = draw.list(out * inputs, (d) => d.below(16));
  const zeros = draw.list(groups * out, (d) => d.below(16));
  const scales = draw.list(groups * out, half);
  const pack = (rows: number, at: (row: number, column: number) => number) => {
    const bytes = new Uint8Array((rows * out) / 2);
    for (let r = 0; r < rows; r++) {
      for (let w = 0; w < out / 8; w++) {
        for (let n = 0; n < 8; n++) setBits(bytes, 32 * (r * (out / 8) + w) + 4 * n, 4, at(r, 8 * w + order[n]));
      }
    }
    return bytes;
  };
  const x = "model.layers.0.mlp.up_proj";
  return {
    tensors: [
      {
        name: `${x}.qweight`,
        dtype: "I32",
        shape: [inputs, out / 8],
        bytes: pack(inputs, (i, o) => codes[o * inputs + i]),
      },
      {
        name: `${x}.qzeros`,
        dtype: "I32",
        shape: [groups, out / 8],
        bytes: pack(groups, (g, o) => zeros[g * out + o]),
      },
      { name: `${x}.scales`, dtype: "F16", shape: [groups, out], bytes: bytesOf(scales, 2) },
    ],
    config: { name: "config.json", json: { quantization_config: { quant_method: "awq", version: "gemm", bits: 4 } } },
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: "AWQ",
    value(at) {
      const cell = Math.floor((at % inputs) / group) * out + Math.floor(at / inputs);
      return times(codes[at] - zeros[cell], scales[cell].value);
    },
  };
}

/** compressed-tensors' pack-quantized, without gaps or with whole codes in each word. */
export function writePacked(
  { out, inputs, group }: Shape,
  bits: number,
  {
    asymmetric = false,
    actOrder = false,
    whole = false,
  }: { asymmetric?: boolean; actOrder?: boolean; whole?: boolean },
  seed: number,
): Written {
  const draw = new Draw(seed);
  const groups = Math.ceil(inputs / group);
  const offset = 2 ** (bits - 1);
  const perWord = Math.floor(32 / bits);
  const bitOf = (j: number) => (whole ? 32 * Math.floor(j / perWord) + (j % perWord) * bits : j * bits);
  const wordsFor = (n: number) => (whole ? Math.ceil(n / perWord) : Math.ceil((n * bits) / 32));
  const codes = draw.list(out * inputs, (d) => d.below(2 ** bits) - offset);
  const zeros = draw.list(out * groups, (d) => (asymmetric ? d.below(2 ** bits) - offset : 0));
  const scales = draw.list(out * groups, brain);
  const index = Array.from({ length: inputs }, (_, i) => (actOrder ? draw.below(groups) : Math.floor(i / group)));
  const words = wordsFor(inputs);
  const packed = new Uint8Array(out * words * 4);
  for (const [at, code] of codes.entries()) {
    setBits(packed, 32 * words * Math.floor(at / inputs) + bitOf(at % inputs), bits, code + offset);
  }
  const zeroWords = wordsFor(out);
  const packedZeros = new Uint8Array(zeroWords * groups * 4);
  for (const [at, zero] of zeros.entries()) {
    const [o, g] = [Math.floor(at / groups), at % groups];
    for (let b = 0; b < bits; b++) {
      const bit = bitOf(o) + b;
      const word = Math.floor(bit / 32) * groups + g;
      setBits(packedZeros, 32 * word + (bit % 32), 1, Math.floor((zero + offset) / 2 ** b) % 2);
    }
  }
  const x = "model.layers.3.mlp.down_proj";
  return {
    tensors: [
      { name: `${x}.weight_packed`, dtype: "I32", shape: [out, words], bytes: packed },
      { name: `${x}.weight_scale`, dtype: "BF16", shape: [out, groups], bytes: bytesOf(scales, 2) },
      { name: `${x}.weight_shape`, dtype: "I64", shape: [2], bytes: integers([out, inputs], 8) },
      ...(asymmetric
        ? [{ name: `${x}.weight_zero_point`, dtype: "I32", shape: [zeroWords, groups], bytes: packedZeros }]
        : []),
      ...(actOrder ? [{ name: `${x}.weight_g_idx`, dtype: "I32", shape: [inputs], bytes: integers(index, 4) }] : []),
    ],
    config: {
      name: "config.json",
      json: {
        quantization_config: {
          quant_method: "compressed-tensors",
          format: "pack-quantized",
          config_groups: {
            group_0: { weights: { num_bits: bits, type: "int", group_size: group, symmetric: !asymmetric } },
          },
        },
      },
    },
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: `compressed-tensors INT${bits}`,
    value(at) {
      const cell = Math.floor(at / inputs) * groups + index[at % inputs];
      return times(codes[at] - zeros[cell], scales[cell].value);
    },
  };
}

/** compressed-tensors' int-quantized: a byte a code, a scale a row, perhaps zero points. */
export function writeInt8({ out, inputs }: Omit<Shape, "group">, asymmetric: boolean, seed: number): Written {
  const draw = new Draw(seed);
  const codes = draw.list(out * inputs, (d) => d.below(256) - 128);
  const zeros = draw.list(out, (d) => (asymmetric ? d.below(256) - 128 : 0));
  const scales = draw.list(out, brain);
  const x = "lm_head";
  return {
    tensors: [
      { name: `${x}.weight`, dtype: "I8", shape: [out, inputs], bytes: integers(codes, 1) },
      { name: `${x}.weight_scale`, dtype: "BF16", shape: [out, 1], bytes: bytesOf(scales, 2) },
      ...(asymmetric
        ? [{ name: `${x}.weight_zero_point`, dtype: "I8", shape: [out, 1], bytes: integers(zeros, 1) }]
        : []),
    ],
    config: {
      name: "config.json",
      json: { quantization_config: { quant_method: "compressed-tensors", format: "int-quantized" } },
    },
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: "compressed-tensors INT8",
    value(at) {
      const o = Math.floor(at / inputs);
      return times(codes[at] - zeros[o], scales[o].value);
    },
  };
}
