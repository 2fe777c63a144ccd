import { blockQuantizers } from "../../ggml/names.ts";
import type { Runtime } from "./types.ts";

const common = {
  source:
    "llama.cpp: tensor_allows_quantization of src/llama-quant.cpp, create_tensor_gate_up_exps of src/llama-model.cpp",
  formats: [
    { bases: blockQuantizers.map(({ name }) => name), blocks: [""], scales: [""] },
    { bases: ["f32", "f16", "bf16"], blocks: [""], scales: [""] },
  ],
  // Its own quantizers choose the codes.
  steps: [],
  stays: ["norm", "bias", "router", "positions"],
  fused: [],
} as const satisfies Partial<Runtime>;

/** Every matrix has a type of its own; the experts of a layer lie in one array a role. */
export const llama: Runtime = {
  ...common,
  name: "llama.cpp",
  title: "llama.cpp",
  says: "types of ggml, one for each matrix; the experts of a layer are one array for gates, one for the others and one for the way down; norms, routers and positions stay",
  fusedExperts: [["gate_proj"], ["up_proj"], ["down_proj"]],
};

/** Mixtures whose gates and up projections were converted into one array. */
export const llamaExperts: Runtime = {
  ...common,
  name: "llama.cpp-moe",
  title: "llama.cpp MoE",
  says: "as llama.cpp, with gate and up of a layer's experts in one array, as its converter merges them",
  fusedExperts: [["gate_proj", "up_proj", "gate_up_proj"], ["down_proj"]],
};
