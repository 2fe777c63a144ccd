/** Recipes for whole models that people use, to begin with. */

export interface Preset {
  id: string;
  label: string;
  about: string;
  /** For the weights inside the layers; empty keeps them as stored. */
  weights: string;
  /** For the inputs of these weights, and for what is kept of keys and values. */
  activations?: string;
  cache?: string;
}

export const presets: readonly Preset[] = [
  { id: "nvfp4", label: "NVFP4", about: "blocks of 16, E4M3 scales", weights: "nvfp4" },
  { id: "mxfp4", label: "MXFP4", about: "blocks of 32, power-of-two scales", weights: "mxfp4" },
  { id: "int4", label: "INT4, blocks of 32", about: "float16 scales, the bits of NVFP4", weights: "int4/32:f16" },
  { id: "int4-128", label: "INT4, blocks of 128", about: "float32 scales", weights: "int4/128" },
  { id: "int3-128", label: "INT3, blocks of 128", about: "hurts small models plainly", weights: "int3/128" },
  {
    ...{ id: "gptq", label: "GPTQ, INT3", about: "errors pushed into what follows: needs captured inputs" },
    weights: "gptq+int3/128",
  },
  {
    id: "awq",
    label: "AWQ, INT3",
    about: "channels scaled by their inputs: needs captured inputs",
    weights: "awq+int3/128",
  },
  { id: "int8", label: "INT8, a scale a row", about: "weights alone", weights: "int8/row" },
  {
    ...{ id: "w8a8", label: "INT8, weights and activations", about: "W8A8, a scale for each token" },
    ...{ weights: "int8/row", activations: "int8/row" },
  },
  {
    ...{ id: "fp8", label: "FP8, weights and activations", about: "E4M3, a scale a row and a token" },
    ...{ weights: "e4m3/row", activations: "e4m3/row" },
  },
  {
    ...{ id: "kv4", label: "KV cache in INT4", about: "keys by channel, values by token; weights stay" },
    ...{ weights: "", cache: "*.keys.*=int4/col;*.values.*=int4/row" },
  },
  { id: "keep", label: "As it is stored", about: "no rule", weights: "" },
];
