/**
 * What each library's layout is, as data: names of the parts, orders, offsets. The readers of this folder and the
 * writers of checkpoints take it from here. "First" is always the element with the smaller index.
 */

/** Which end of a byte or a 32-bit word the first element is in. */
export type BitOrder = "low" | "high";

/** AutoGPTQ, GPTQModel (`qlinear_cuda_old.py`): everything is stored [in, out], codes packed along the input. */
export const gptqFacts = {
  codes: "qweight",
  scales: "scales",
  zeros: "qzeros",
  groups: "g_idx",
  bits: [2, 3, 4, 8],
  /** Codes run on across words: of 32 values of 3 bits, two are split between words. */
  order: "low" as BitOrder,
  /** Zero points are packed along the output, and version 1 stores them less one. */
  zeroStoredLess: { v1: 1, v2: 0 },
} as const;

/** AutoAWQ's GEMM (`awq/utils/packing_utils.py`): [in, out/8], eight columns a word in an order of its own. */
export const awqFacts = {
  codes: "qweight",
  scales: "scales",
  zeros: "qzeros",
  /** Column c of a word is in nibble `nibbleOf[c]`, counted from the lowest. */
  nibbleOf: [0, 4, 1, 5, 2, 6, 3, 7],
} as const;

/** vLLM's compressed-tensors (`compressors/`). */
export const compressedTensorsFacts = {
  scales: "weight_scale",
  zeros: "weight_zero_point",
  groups: "weight_g_idx",
  shape: "weight_shape",
  packed: "weight_packed",
  /**
   * pack-quantized: int32 words along the input, zero points packed down the columns, along the output; all are stored
   * plus 2^(bits-1).
   */
  order: "low" as BitOrder,
  /** nvfp4-pack-quantized and mxfp4-pack-quantized: two codes a byte. */
  nibbles: "low" as BitOrder,
  /** nvfp4: block scales are divided by the global one, which is 2688/amax. */
  globalScale: "weight_global_scale",
  globalSense: "divide",
  nvfp4Block: 16,
  mxBlock: 32,
} as const;

/**
 * A weight of 8 bits beside its scales (their names are in `spellings.ts`): despite its name `weight_scale_inv` is
 * multiplied with. MX formats keep their exponents in bytes, and FP4 two codes in each.
 */
export const scaledFacts = {
  mxBlock: 32,
  nibbles: "low" as BitOrder,
} as const;

/** gpt-oss (`gpt_oss/torch/weights.py`; transformers' `integrations/mxfp4.py`): [experts, out, in/32, 16] bytes. */
export const gptOssFacts = {
  /** Endings of the parts' names; the weight's own name is what stands before. */
  endings: [
    { codes: "_blocks", scales: "_scales" },
    { codes: ".blocks", scales: ".scales" },
  ],
  block: 32,
  nibbles: "low" as BitOrder,
  /** Rows of these are gate, up, gate, up ... */
  interleaved: /(?:gate_up_proj|mlp1_weight)$/,
} as const;

/** NVIDIA's ModelOpt (`qtensor/nvfp4_tensor.py`, `export/quant_utils.py`). */
export const modelOptFacts = {
  codes: "weight",
  scales: "weight_scale",
  /** Multiplied with the block scales; amax/2688. */
  globalScale: "weight_scale_2",
  globalSense: "multiply",
  inputScale: "input_scale",
  nvfp4Block: 16,
  nibbles: "low" as BitOrder,
  /** INT4 AWQ along the input; exported checkpoints pack two rows a byte instead, the even row low. */
  int4Nibbles: "high" as BitOrder,
  int4RowNibbles: "low" as BitOrder,
} as const;

/** bitsandbytes (`functional.py`, QuantState): flat codes, the first element in the high nibble. */
export const bitsandbytesFacts = {
  codes: "weight",
  absmax: "absmax",
  map: "quant_map",
  nestedAbsmax: "nested_absmax",
  nestedMap: "nested_quant_map",
  state: "quant_state.bitsandbytes__",
  nibbles: "high" as BitOrder,
  /** LLM.int8(): row maxima, and what the library multiplies with instead of dividing by 127. */
  rowMaxima: "SCB",
  overInt8: Math.fround(7.874015718698502e-3),
} as const;

/** HQQ (`hqq/core/{quantize,bitpack}.py`): rows of the grouped matrix far apart share a byte, the first in the high bits. */
export const hqqFacts = {
  codes: "W_q",
  scales: "scale",
  zeros: "zero",
  /** Scales that are quantized themselves have another name; an older form puts all but the codes below this one. */
  quantizedScales: "scale_q",
  older: "meta.",
  /** Values a word and its bytes, by the name of the packing. */
  packings: {
    "8bit_u8": { bits: 8, perWord: 1, wordBytes: 1 },
    "4bit_u8": { bits: 4, perWord: 2, wordBytes: 1 },
    "3bit_32": { bits: 3, perWord: 10, wordBytes: 4 },
    "2bit_u8": { bits: 2, perWord: 4, wordBytes: 1 },
    "1bit_u8": { bits: 1, perWord: 8, wordBytes: 1 },
  },
  order: "high" as BitOrder,
} as const;

/** torchao's safetensors (`prototype/safetensors`): parts named `_weight_PART`, the class in the file's metadata. */
export const torchaoFacts = {
  codes: "_weight_qdata",
  scales: "_weight_scale",
  zeros: "_weight_zero_point",
  globalScale: "_weight_per_tensor_scale",
  nvfp4Block: 16,
  mxBlock: 32,
  nibbles: "low" as BitOrder,
} as const;

/** MLX (`mlx/backend/cpu/quantized.cpp`, `mlx.nn.quantize`): words along the input, the lowest bits first. */
export const mlxFacts = {
  codes: "weight",
  scales: "scales",
  biases: "biases",
  bits: [2, 3, 4, 5, 6, 8],
  /** The usual size first. */
  groups: [64, 128, 32, 16],
  /** Modes without an offset, told apart by the bits of codes that share a scale. */
  modes: [
    { name: "mxfp4", bits: 4, group: 32, element: "e2m1", scale: "e8m0" },
    { name: "mxfp8", bits: 8, group: 32, element: "e4m3", scale: "e8m0" },
    { name: "nvfp4", bits: 4, group: 16, element: "e2m1", scale: "e4m3" },
  ],
} as const;

/** The padded tiles of 128 x 4 in which GPUs want block scales (`to_blocked` of torchao and qutlass, TensorRT-LLM). */
export const swizzleFacts = { tileRows: 128, tileCols: 4 } as const;
