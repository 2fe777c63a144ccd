/** For tests: MLX's tensors, and AWQ's "gemv". */
import {
  brain,
  bytesOf,
  Draw,
  e2m1,
  e4m3,
  half,
  positiveE4m3,
  power,
  type Stored,
  setBits,
  times,
  type Written,
} from "./bits.ts";

/** Rows of codes without gaps, each row in whole words of 32 bits. */
function packedRows(codes: readonly number[], cols: number, bits: number): Uint8Array {
  const stride = (cols * bits) / 8;
  const bytes = new Uint8Array((codes.length / cols) * stride);
  for (const [i, code] of codes.entries())
    setBits(bytes, 8 * stride * Math.floor(i / cols) + (i % cols) * bits, bits, code);
  return bytes;
}

/** The affine mode: code * scale + bias, each step rounded to float32. */
export function writeMlx(shape: readonly number[], bits: number, group: number, seed: number, wide = false): Written {
  const draw = new Draw(seed);
  const cols = shape[shape.length - 1];
  const elements = shape.reduce((a, b) => a * b, 1);
  const codes = draw.list(elements, (d) => d.below(2 ** bits));
  const number = wide ? brain : half;
  const scales = draw.list(elements / group, number);
  const biases = draw.list(elements / group, number);
  const rest = shape.slice(0, -1);
  const dtype = wide ? "BF16" : "F16";
  return {
    ...{ name: "m.q_proj.weight", shape: [...shape], layout: `MLX INT${bits}`, metadata: { format: "mlx" } },
    tensors: [
      {
        name: "m.q_proj.weight",
        dtype: "U32",
        shape: [...rest, (cols * bits) / 32],
        bytes: packedRows(codes, cols, bits),
      },
      { name: "m.q_proj.scales", dtype, shape: [...rest, cols / group], bytes: bytesOf(scales, 2) },
      { name: "m.q_proj.biases", dtype, shape: [...rest, cols / group], bytes: bytesOf(biases, 2) },
    ],
    config: { name: "config.json", json: { model_type: "llama", quantization: { group_size: group, bits } } },
    value: (i) =>
      Math.fround(times(codes[i], scales[Math.floor(i / group)].value) + biases[Math.floor(i / group)].value),
  };
}

const modes = {
  mxfp4: { bits: 4, group: 32, code: e2m1, scale: power },
  mxfp8: { bits: 8, group: 32, code: e4m3, scale: power },
  nvfp4: { bits: 4, group: 16, code: e2m1, scale: positiveE4m3 },
};

/** The modes without an offset: scales of one byte. */
export function writeMlxMode(shape: readonly number[], mode: keyof typeof modes, seed: number): Written {
  const draw = new Draw(seed);
  const { bits, group, code, scale } = modes[mode];
  const cols = shape[shape.length - 1];
  const elements = shape.reduce((a, b) => a * b, 1);
  const codes: Stored[] = draw.list(elements, code);
  const scales: Stored[] = draw.list(elements / group, scale);
  const rest = shape.slice(0, -1);
  const words = packedRows(
    codes.map((c) => c.bits),
    cols,
    bits,
  );
  return {
    ...{ name: "m.q_proj.weight", shape: [...shape], layout: `MLX ${mode.toUpperCase()}`, metadata: { format: "mlx" } },
    tensors: [
      { name: "m.q_proj.weight", dtype: "U32", shape: [...rest, (cols * bits) / 32], bytes: words },
      { name: "m.q_proj.scales", dtype: "U8", shape: [...rest, cols / group], bytes: bytesOf(scales, 1) },
    ],
    config: { name: "config.json", json: { quantization: { group_size: group, bits, mode } } },
    value: (i) => times(codes[i].value, scales[Math.floor(i / group)].value),
  };
}

/** AWQ's "gemv": [out, in/8], the lowest nibble first; scales and zero points padded to whole words of eight groups. */
export function writeGemv(
  { out, inputs, group }: { out: number; inputs: number; group: number },
  seed: number,
): Written {
  const draw = new Draw(seed);
  const codes = draw.list(out * inputs, (d) => d.below(16));
  const groups = Math.ceil(inputs / group);
  const words = Math.ceil(groups / 8);
  const scales = draw.list(out * groups, half);
  const zeros = draw.list(out * groups, (d) => d.below(16));
  const packed = new Uint8Array((out * inputs) / 2);
  for (const [i, code] of codes.entries()) setBits(packed, 4 * i, 4, code);
  const padded: Stored[] = Array.from({ length: out * 8 * words }, () => ({ bits: 0, value: 0 }));
  const zeroBytes = new Uint8Array(4 * out * words);
  for (let r = 0; r < out; r++) {
    for (let g = 0; g < groups; g++) {
      padded[r * 8 * words + g] = scales[r * groups + g];
      setBits(zeroBytes, 32 * words * r + 4 * g, 4, zeros[r * groups + g]);
    }
  }
  const at = (i: number) => Math.floor(i / inputs) * groups + Math.floor((i % inputs) / group);
  return {
    ...{ name: "m.fc.weight", shape: [out, inputs], layout: "AWQ gemv" },
    tensors: [
      { name: "m.fc.qweight", dtype: "I32", shape: [out, inputs / 8], bytes: packed },
      { name: "m.fc.qzeros", dtype: "I32", shape: [out, words], bytes: zeroBytes },
      { name: "m.fc.scales", dtype: "F16", shape: [out, 8 * words], bytes: bytesOf(padded, 2) },
    ],
    config: {
      name: "config.json",
      json: { quantization_config: { quant_method: "awq", bits: 4, group_size: group, version: "gemv" } },
    },
    value: (i) => times(Math.fround(codes[i] - zeros[at(i)]), scales[at(i)].value),
  };
}
