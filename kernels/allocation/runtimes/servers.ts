/** Engines that take a scheme for each module and fuse modules that read one input. */
import type { Runtime } from "./types.ts";

/** Steps whose results are plain codes and scales, or are folded into what stands before a layer. */
const steps = [
  "gptq",
  "gptaq",
  "ldlq",
  "qronos",
  "babai",
  "cd",
  "hqq",
  "adaround",
  "signround",
  "l4q",
  "awq",
  "smooth",
];
/** What layers fuse, as they call their parts. */
const fused = [
  ["q_proj", "k_proj", "v_proj"],
  ["gate_proj", "up_proj"],
];
/** One kernel runs all experts of a layer. */
const fusedExperts = [["gate_proj", "up_proj", "gate_up_proj", "down_proj"]];
const SIXTEEN = ["", "f16", "bf16"];
const stays = ["norm", "bias", "router", "positions"];

const INTEGERS = ["half", "signmax", "asym"];
const FP4 = ["nvfp4", "torchao_nvfp4", "modelopt_nvfp4"];
const plain = { bases: ["f32", "f16", "bf16"], blocks: [""], scales: [""] };

export const vllm: Runtime = {
  name: "vllm",
  title: "vLLM",
  says: "schemes of compressed-tensors: integers of 4 and 8 bits in groups of 32, 64 or 128 or by row, FP8 by row, tensor or squares of 128, MXFP4, NVFP4; q, k and v, gate and up, and all experts of a layer get one; embeddings stay",
  source:
    "vLLM: compressed_tensors/utils.py, schemes/compressed_tensors_wNa16.py and packed_modules_mapping of its models",
  formats: [
    { bases: ["int4", "int8"], options: INTEGERS, blocks: ["32", "64", "128", "row"], scales: SIXTEEN },
    { bases: ["e4m3"], blocks: ["row", "tensor", "128x128"], scales: SIXTEEN },
    { bases: ["mxfp4", "torchao_mxfp4", ...FP4], blocks: [""], scales: [""] },
    plain,
  ],
  steps,
  stays: [...stays, "embedding"],
  fused,
  fusedExperts,
};

export const tensorrt: Runtime = {
  name: "tensorrt-llm",
  title: "TensorRT-LLM",
  says: "what ModelOpt writes: FP8 a tensor, a row or squares of 128, INT8 by row, INT4 by row or in groups of 64 or 128, NVFP4, MXFP4; q, k and v, gate and up, and all experts of a layer get one; embeddings stay",
  source: "ModelOpt: quant_grouping_rules of modelopt/torch/quantization/algorithms.py",
  formats: [
    { bases: ["e4m3"], blocks: ["tensor", "row", "128x128"], scales: SIXTEEN },
    { bases: ["int8"], options: ["half"], blocks: ["row"], scales: SIXTEEN },
    { bases: ["int4"], options: ["half", "signmax"], blocks: ["row", "64", "128"], scales: SIXTEEN },
    { bases: ["mxfp4", ...FP4], blocks: [""], scales: [""] },
    plain,
  ],
  steps,
  stays: [...stays, "embedding"],
  fused,
  fusedExperts,
};

export const mlx: Runtime = {
  name: "mlx",
  title: "MLX",
  says: "affine integers of 2, 3, 4, 5, 6 and 8 bits in groups of 32, 64 or 128 (whose biases of 16 bits it stores in the place of zero points), MXFP4, MXFP8, NVFP4; the experts of a layer are one module for gates, one for the others and one for the way down",
  source: "MLX: mlx/ops.cpp (quantize) and python/mlx/nn/layers/quantized.py",
  formats: [
    {
      bases: ["int2", "int3", "int4", "int5", "int6", "int8"],
      options: [...INTEGERS, "zp=f16", "zp=bf16", "zp=f32"],
      blocks: ["32", "64", "128"],
      scales: SIXTEEN,
    },
    { bases: ["mxfp4", "mxfp8", "nvfp4"], blocks: [""], scales: [""] },
    plain,
  ],
  steps,
  stays: ["norm", "bias", "positions"],
  fused: [],
  fusedExperts: [["gate_proj"], ["up_proj"], ["gate_up_proj"], ["down_proj"]],
};
