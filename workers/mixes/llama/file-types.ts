/**
 * The file types that llama-quantize makes: what the user names, and the block type that most tensors get.
 *
 * Source: `QUANT_OPTIONS` in tools/quantize/quantize.cpp and `llama_ftype_get_default_type` in src/llama-quant.cpp of
 * https://github.com/ggml-org/llama.cpp at commit 007dbbf3fd17eefe9b47fee45f48f7ba5e62b714.
 */

/** By name: the default type, as ggml spells it. */
const DEFAULTS = {
  Q1_0: "Q1_0",
  Q2_0: "Q2_0",
  IQ1_S: "IQ1_S",
  IQ1_M: "IQ1_M",
  TQ1_0: "TQ1_0",
  TQ2_0: "TQ2_0",
  IQ2_XXS: "IQ2_XXS",
  IQ2_XS: "IQ2_XS",
  IQ2_S: "IQ2_XS",
  IQ2_M: "IQ2_S",
  Q2_K_S: "Q2_K",
  Q2_K: "Q2_K",
  IQ3_XXS: "IQ3_XXS",
  IQ3_XS: "IQ3_S",
  IQ3_S: "IQ3_S",
  IQ3_M: "IQ3_S",
  Q3_K_S: "Q3_K",
  Q3_K_M: "Q3_K",
  Q3_K_L: "Q3_K",
  IQ4_XS: "IQ4_XS",
  IQ4_NL: "IQ4_NL",
  MXFP4_MOE: "MXFP4",
  Q4_0: "Q4_0",
  Q4_1: "Q4_1",
  Q4_K_S: "Q4_K",
  Q4_K_M: "Q4_K",
  Q5_0: "Q5_0",
  Q5_1: "Q5_1",
  Q5_K_S: "Q5_K",
  Q5_K_M: "Q5_K",
  Q6_K: "Q6_K",
  Q8_0: "Q8_0",
  BF16: "BF16",
  F16: "F16",
  F32: "F32",
} as const;

export type FileType = keyof typeof DEFAULTS;

/** About by rising size. */
export const fileTypes = Object.keys(DEFAULTS) as FileType[];

/** Names that stand for another. */
const ALIASES: Readonly<Record<string, FileType>> = { Q3_K: "Q3_K_M", Q4_K: "Q4_K_M", Q5_K: "Q5_K_M" };

export const defaultType = (fileType: FileType): string => DEFAULTS[fileType];

/** The file type of that name in any case, or undefined. */
export function fileTypeNamed(name: string): FileType | undefined {
  const upper = name.toUpperCase();
  return ALIASES[upper] ?? fileTypes.find((one) => one === upper);
}

/** Floats that llama-quantize leaves to themselves: their tensors all get that one type. */
export const isFloatType = (type: string): boolean => type === "F32" || type === "F16" || type === "BF16";
