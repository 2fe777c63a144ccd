/** For tests: FP8 and FP4 layouts written from their descriptions, element by element. */
import {
  brain,
  bytesOf,
  Draw,
  e2m1,
  e4m3,
  positiveE4m3,
  power,
  type Stored,
  setBits,
  single,
  times,
  type Written,
} from "./bits.ts";

/** FP8 with one scale for each block of `high` x `wide`; `[out, in]` of them for none smaller. */
export function writeFp8(
  [out, inputs]: [number, number],
  [high, wide]: [number, number],
  kind: "deepseek" | "ue8m0" | "tensor" | "row" | "modelopt",
  seed: number,
): Written {
  const draw = new Draw(seed);
  const [down, across] = [Math.ceil(out / high), Math.ceil(inputs / wide)];
  const codes = draw.list(out * inputs, e4m3);
  const scales = draw.list(down * across, kind === "ue8m0" ? power : kind === "row" ? brain : single);
  const x = "model.layers.9.mlp.experts.3.gate_proj";
  const inverse = kind === "deepseek" || kind === "ue8m0";
  const scaleDtype = kind === "ue8m0" ? "F8_E8M0" : kind === "row" ? "BF16" : "F32";
  const scaleShape = kind === "tensor" ? [1] : kind === "modelopt" ? [] : [down, across];
  const configs = {
    deepseek: { quant_method: "fp8", weight_block_size: [high, wide] },
    ue8m0: { quant_method: "fp8", weight_block_size: [high, wide], scale_fmt: "ue8m0" },
    tensor: { quant_method: "compressed-tensors", format: "float-quantized" },
    row: { quant_method: "compressed-tensors", format: "float-quantized" },
    modelopt: { quant_method: "modelopt", quant_algo: "FP8" },
  };
  const vendor = {
    deepseek: "",
    ue8m0: "",
    tensor: "compressed-tensors ",
    row: "compressed-tensors ",
    modelopt: "ModelOpt ",
  };
  return {
    tensors: [
      { name: `${x}.weight`, dtype: "F8_E4M3", shape: [out, inputs], bytes: bytesOf(codes, 1) },
      {
        name: `${x}.weight_scale${inverse ? "_inv" : ""}`,
        dtype: scaleDtype,
        shape: scaleShape,
        bytes: bytesOf(scales, kind === "ue8m0" ? 1 : kind === "row" ? 2 : 4),
      },
      ...(kind === "modelopt"
        ? [{ name: `${x}.input_scale`, dtype: "F32", shape: [], bytes: bytesOf([single(draw)], 4) }]
        : []),
    ],
    config: { name: "config.json", json: { model_type: "test", quantization_config: configs[kind] } },
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: `${vendor[kind]}FP8${inverse ? " (weight_scale_inv)" : ""}`,
    value(at) {
      const cell = Math.floor(Math.floor(at / inputs) / high) * across + Math.floor((at % inputs) / wide);
      return times(codes[at].value, scales[cell].value);
    },
  };
}

/** Two codes a byte: an even element low, or high. */
function pairs(codes: readonly Stored[], evenLow = true): Uint8Array {
  const bytes = new Uint8Array(codes.length / 2);
  for (const [at, { bits }] of codes.entries()) {
    setBits(bytes, 8 * Math.floor(at / 2) + ((at % 2 === 0) === evenLow ? 0 : 4), 4, bits);
  }
  return bytes;
}

/** The place of a scale in tiles of 128 x 4, as cuBLAS documents it. */
function tilePlace(r: number, c: number, cols: number): number {
  const tile = Math.floor(r / 128) * Math.ceil(cols / 4) + Math.floor(c / 4);
  return 512 * tile + 16 * (r % 32) + 4 * Math.floor((r % 128) / 32) + (c % 4);
}

/** NVFP4 of compressed-tensors (divided by the global scale), of ModelOpt (multiplied), of torchao (perhaps in tiles). */
export function writeNvfp4(
  [out, inputs]: [number, number],
  kind: "compressed-tensors" | "modelopt" | "torchao" | "torchao-tiles",
  seed: number,
): Written {
  const draw = new Draw(seed);
  const across = inputs / 16;
  const codes = draw.list(out * inputs, e2m1);
  const scales = draw.list(out * across, positiveE4m3);
  const global = single(draw);
  const tiles = kind === "torchao-tiles";
  let scaleBytes = bytesOf(scales, 1);
  let scaleShape = [out, across];
  if (tiles) {
    scaleShape = [128 * Math.ceil(out / 128), 4 * Math.ceil(across / 4)];
    scaleBytes = new Uint8Array(scaleShape[0] * scaleShape[1]);
    for (const [at, { bits }] of scales.entries()) {
      scaleBytes[tilePlace(Math.floor(at / across), at % across, across)] = bits;
    }
  }
  const x = "model.layers.1.o_proj";
  const names = {
    "compressed-tensors": ["weight_packed", "weight_scale", "weight_global_scale"],
    modelopt: ["weight", "weight_scale", "weight_scale_2"],
    torchao: ["_weight_qdata", "_weight_scale", "_weight_per_tensor_scale"],
    "torchao-tiles": ["_weight_qdata", "_weight_scale", "_weight_per_tensor_scale"],
  }[kind].map((part) => `${x}.${part}`);
  const layouts = {
    "compressed-tensors": "compressed-tensors NVFP4",
    modelopt: "ModelOpt NVFP4",
    torchao: "torchao NVFP4Tensor",
    "torchao-tiles": "torchao NVFP4Tensor",
  };
  return {
    tensors: [
      { name: names[0], dtype: "U8", shape: [out, inputs / 2], bytes: pairs(codes) },
      { name: names[1], dtype: "F8_E4M3", shape: scaleShape, bytes: scaleBytes },
      { name: names[2], dtype: "F32", shape: kind === "modelopt" ? [] : [1], bytes: bytesOf([global], 4) },
    ],
    ...(kind === "modelopt" && {
      config: { name: "hf_quant_config.json", json: { quantization: { quant_algo: "NVFP4", group_size: 16 } } },
    }),
    ...(kind.startsWith("torchao") && {
      metadata: {
        [`${x}.weight`]: JSON.stringify({ _type: "NVFP4Tensor", _data: { is_swizzled_scales: tiles } }),
        tensor_names: JSON.stringify([`${x}.weight`]),
      },
    }),
    name: `${x}.weight`,
    shape: [out, inputs],
    layout: layouts[kind],
    value(at) {
      const scale = scales[Math.floor(at / 16)].value;
      const inForce = kind === "compressed-tensors" ? Math.fround(scale / global.value) : times(scale, global.value);
      return times(codes[at].value, inForce);
    },
  };
}

/** MXFP4: of compressed-tensors, of gpt-oss under both names, of DeepSeek-V4 in bytes declared signed. */
export function writeMxfp4(
  shape: number[],
  kind: "compressed-tensors" | "gpt-oss" | "gpt-oss original" | "signed bytes",
  seed: number,
): Written {
  const draw = new Draw(seed);
  const lead = shape.slice(0, -1);
  const inputs = shape[shape.length - 1];
  const count = shape.reduce((a, b) => a * b, 1);
  const codes = draw.list(count, e2m1);
  const scales = draw.list(count / 32, power);
  const blocks = { dtype: "U8", shape: [...lead, inputs / 32, 16], bytes: pairs(codes) };
  const halves = { dtype: "U8", shape: [...lead, inputs / 2], bytes: pairs(codes) };
  const exponents = { dtype: "U8", shape: [...lead, inputs / 32], bytes: bytesOf(scales, 1) };
  const common = { shape, value: (at: number) => times(codes[at].value, scales[Math.floor(at / 32)].value) };
  switch (kind) {
    case "compressed-tensors":
      return {
        ...{ ...common, name: "a.weight", layout: "compressed-tensors MXFP4" },
        tensors: [
          { name: "a.weight_packed", ...halves },
          { name: "a.weight_scale", ...exponents },
        ],
      };
    case "gpt-oss":
      return {
        ...{ ...common, name: "model.layers.0.mlp.experts.gate_up_proj", layout: "gpt-oss MXFP4" },
        tensors: [
          { name: "model.layers.0.mlp.experts.gate_up_proj_blocks", ...blocks },
          { name: "model.layers.0.mlp.experts.gate_up_proj_scales", ...exponents },
        ],
        config: { name: "config.json", json: { quantization_config: { quant_method: "mxfp4" } } },
      };
    case "gpt-oss original":
      return {
        ...{ ...common, name: "block.0.mlp.mlp2_weight", layout: "gpt-oss MXFP4" },
        tensors: [
          { name: "block.0.mlp.mlp2_weight.blocks", ...blocks },
          { name: "block.0.mlp.mlp2_weight.scales", ...exponents },
        ],
      };
    case "signed bytes":
      return {
        ...{ ...common, name: "layers.0.ffn.experts.0.w1.weight", layout: "MXFP4" },
        tensors: [
          { name: "layers.0.ffn.experts.0.w1.weight", ...halves, dtype: "I8" },
          { name: "layers.0.ffn.experts.0.w1.scale", ...exponents, dtype: "F8_E8M0" },
        ],
      };
  }
}

/** MXFP8 with exponents in bytes. */
export function writeMxfp8([out, inputs]: [number, number], seed: number): Written {
  const draw = new Draw(seed);
  const codes = draw.list(out * inputs, e4m3);
  const across = Math.ceil(inputs / 32);
  const scales = draw.list(out * across, power);
  return {
    tensors: [
      { name: "w.weight", dtype: "F8_E4M3", shape: [out, inputs], bytes: bytesOf(codes, 1) },
      { name: "w.weight_scale", dtype: "U8", shape: [out, across], bytes: bytesOf(scales, 1) },
    ],
    name: "w.weight",
    shape: [out, inputs],
    layout: "MXFP8",
    value: (at) =>
      times(codes[at].value, scales[Math.floor(at / inputs) * across + Math.floor((at % inputs) / 32)].value),
  };
}

/** ModelOpt's INT4 in two's complement: two columns a byte, the first high, or two rows a byte, the first low. */
export function writeModelOptInt4(
  [out, inputs]: [number, number],
  group: number,
  byRows: boolean,
  seed: number,
): Written {
  const draw = new Draw(seed);
  const groups = Math.ceil(inputs / group);
  const codes = draw.list(out * inputs, (d) => d.below(16) - 8);
  const scales = draw.list(out * groups, single);
  const bytes = new Uint8Array((out * inputs) / 2);
  for (const [at, code] of codes.entries()) {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    const byte = byRows ? Math.floor(o / 2) * inputs + i : Math.floor(at / 2);
    const low = byRows ? o % 2 === 0 : at % 2 === 1;
    setBits(bytes, 8 * byte + (low ? 0 : 4), 4, (code + 16) % 16);
  }
  return {
    tensors: [
      { name: "m.weight", dtype: "U8", shape: byRows ? [out / 2, inputs] : [out, inputs / 2], bytes },
      { name: "m.weight_scale", dtype: "F32", shape: [out, groups], bytes: bytesOf(scales, 4) },
      { name: "m.pre_quant_scale", dtype: "F32", shape: [inputs], bytes: bytesOf(draw.list(inputs, single), 4) },
    ],
    config: { name: "hf_quant_config.json", json: { quantization: { quant_algo: "W4A16_AWQ" } } },
    name: "m.weight",
    shape: [out, inputs],
    layout: "ModelOpt INT4",
    value: (at) => times(codes[at], scales[Math.floor(at / inputs) * groups + Math.floor((at % inputs) / group)].value),
  };
}
