/** The tools that an assignment is written for, one line each. */
import type { Assignment } from "../assignment.ts";
import type { MixExport, MixTool } from "../types.ts";
import { compressorExport } from "./compressor.ts";
import { llamaExport } from "./llama.ts";
import { mlxExport } from "./mlx.ts";
import { modelOptExport } from "./modelopt.ts";
import { torchaoExport } from "./torchao.ts";

const EXPORTS: Record<MixTool, (assignment: Assignment, file?: string) => MixExport> = {
  "llama.cpp": llamaExport,
  "llm-compressor": (assignment) => compressorExport(assignment),
  modelopt: (assignment) => modelOptExport(assignment),
  mlx: (assignment) => mlxExport(assignment),
  torchao: (assignment) => torchaoExport(assignment),
};

/**
 * Writes an assignment for a tool. `file`: what its first file is called, where commands name it. Throws UserError where the tool has nothing
 * like any of its recipes.
 */
export const exportMix = (tool: MixTool, assignment: Assignment, file?: string): MixExport =>
  EXPORTS[tool](assignment, file);
