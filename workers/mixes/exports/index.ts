/** The tools that an assignment is written for, one line each. */
import type { Assignment } from "../assignment.ts";
import type { MixExport, MixTool } from "../types.ts";
import { compressorExport } from "./compressor.ts";
import { llamaExport } from "./llama.ts";
import { mlxExport } from "./mlx.ts";
import { modelOptExport } from "./modelopt.ts";
import { torchaoExport } from "./torchao.ts";

const EXPORTS: Record<MixTool, (assignment: Assignment) => MixExport> = {
  "llama.cpp": llamaExport,
  "llm-compressor": compressorExport,
  modelopt: modelOptExport,
  mlx: mlxExport,
  torchao: torchaoExport,
};

/** Writes an assignment for a tool. Throws UserError where the tool has nothing like any of its recipes. */
export const exportMix = (tool: MixTool, assignment: Assignment): MixExport => EXPORTS[tool](assignment);
