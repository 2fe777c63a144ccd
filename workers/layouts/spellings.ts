/**
 * How the programs that write checkpoints name the scales of a weight, as data: a new spelling is one entry. Each says what
 * stands behind a stem; the layout (`layouts/scaled.ts`) tells from types and shapes what the codes are.
 */
export interface Spelling {
  /** Behind the stem, the tensor of codes: "weight" behind a module and its dot, nothing behind the weight's own name. */
  codes: string;
  /** Behind the same stem, its scales. */
  scales: string;
  /** A second scale, of the whole tensor or of each stacked matrix, that is multiplied in. */
  global?: string;
  /** Subtracted from integer codes. */
  zeros?: string;
  /** Scales of activations, which belong to the weight's surroundings. */
  inputs: readonly string[];
  /** Who writes it. */
  writers: string;
}

/** In the order of asking: names behind a module's dot before those that go on from a weight's own name. */
export const spellings: readonly Spelling[] = [
  {
    ...{ codes: "weight", scales: "weight_scale_inv", inputs: ["input_scale", "activation_scale"] },
    writers: "DeepSeek, transformers",
  },
  {
    ...{ codes: "weight", scales: "weight_scale", global: "weight_scale_2", zeros: "weight_zero_point" },
    ...{ inputs: ["input_scale"], writers: "compressed-tensors, ModelOpt, Quark, transformers, ComfyUI" },
  },
  { codes: "weight", scales: "scale", inputs: ["input_scale"], writers: "DeepSeek" },
  {
    ...{ codes: "weight", scales: "scale_weight", global: "scale_weight_tensor", inputs: ["scale_input"] },
    writers: "ComfyUI's scaled FP8, musubi-tuner",
  },
  {
    ...{ codes: "weight", scales: "weight_quantizer.scale", zeros: "weight_quantizer.zero_point" },
    ...{ inputs: ["input_quantizer.scale", "output_quantizer.scale"], writers: "Quark" },
  },
  { codes: "_data", scales: "_scale", inputs: [], writers: "optimum-quanto" },
  // Fused experts have no `.weight` of their own.
  { codes: "", scales: "_weight_scale_inv", inputs: ["_input_scale"], writers: "fused experts" },
  {
    ...{ codes: "", scales: "_weight_scale", global: "_weight_scale_2", zeros: "_weight_zero_point" },
    ...{ inputs: ["_input_scale"], writers: "fused experts of ModelOpt and compressed-tensors" },
  },
  { codes: "", scales: "_scale_inv", inputs: ["_input_scale", "_activation_scale"], writers: "fused experts" },
  { codes: "", scales: "_scale", global: "_scale_2", inputs: ["_input_scale"], writers: "fused experts of Llama 4" },
];

/** Last parts of the names of scales that stand behind a module's dot. */
export const scaleParts: readonly string[] = [
  ...new Set(
    spellings.filter(({ codes }) => codes !== "").map(({ scales }) => scales.slice(scales.lastIndexOf(".") + 1)),
  ),
];

/** What the names of scales end in that go on from a weight's own name. */
export const scaleEndings: readonly string[] = spellings
  .filter(({ codes }) => codes === "")
  .map(({ scales }) => scales);

/** Every way to read a name as that of a weight's scales, with the stem. */
export function spelledBy(name: string): { spelling: Spelling; stem: string }[] {
  return spellings.flatMap((spelling) => {
    if (!name.endsWith(spelling.scales)) return [];
    const stem = name.slice(0, -spelling.scales.length);
    const fits = spelling.codes === "" ? stem !== "" && !stem.endsWith(".") : stem === "" || stem.endsWith(".");
    return fits ? [{ spelling, stem }] : [];
  });
}

/** ComfyUI's marks: a tensor of JSON beside a weight, or an entry of the file's metadata about all of them. */
export const comfyMarks = { tensor: "comfy_quant", metadata: "_quantization_metadata" } as const;

/** What ComfyUI's formats are, by their names. */
export const comfyFormats: Readonly<Record<string, { codes: "F8_E4M3" | "F8_E5M2" | "I8" | "E2M1"; swizzled?: true }>> =
  {
    float8_e4m3fn: { codes: "F8_E4M3" },
    float8_e5m2: { codes: "F8_E5M2" },
    float8_e4m3fn_blockwise: { codes: "F8_E4M3" },
    float8_e4m3fn_rowwise: { codes: "F8_E4M3" },
    mxfp8: { codes: "F8_E4M3", swizzled: true },
    nvfp4: { codes: "E2M1", swizzled: true },
    int8_tensorwise: { codes: "I8" },
    int8_blockwise: { codes: "I8" },
  };

/**
 * Names of tensors that tell of quantization without being weights: who finds one beside codes that no layout decodes must
 * not take the codes for values.
 */
export const tellsOfQuantization =
  /(?:^|[._])(?:w_?)?(?:scales?(?:_inv|_weight|_input|_packed|_\d)?|scaling_factors?|(?:q_?)?zeros?|zero_?points?|quantizer|quant_?(?:state|map|scale)|comfy_quant|absmax|biases|qdata|SCB|codebooks?|g_idx|lut|suh|svh)(?:$|[._])/i;

/** Tensors that are marks of a file, not scales of anything. */
export const marks: ReadonlySet<string> = new Set(["scaled_fp8", "spiece_model"]);
