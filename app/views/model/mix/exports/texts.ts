/** The mix as other tools take it, and what they cannot say of it: told before anything is saved. */
import type { MixExport, MixTool } from "../../../../../workers/mixes/types.ts";

export const toolTitles: Readonly<Record<MixTool, string>> = {
  "llama.cpp": "llama.cpp",
  "llm-compressor": "llm-compressor",
  modelopt: "ModelOpt",
  mlx: "MLX",
  torchao: "torchao",
};

export interface ToolExport {
  /** What is in the texts; null where there are none. */
  texts: MixExport["texts"];
  /** Why there is nothing at all; null where there is something. */
  refused: string | null;
  /** What the tool cannot say or does otherwise, in sentences. */
  limits: string[];
}

/** Names that are spelled out of those that share a reason. */
const NAMED = 2;

export function withoutWords(without: MixExport["without"]): string[] {
  const groups = new Map<string, { recipe: string; why: string; names: string[] }>();
  for (const { name, recipe, why } of without) {
    const key = `${recipe} ${why}`;
    const group = groups.get(key) ?? { recipe, why, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ recipe, why, names }) => {
    const more = names.length > NAMED ? ` and ${(names.length - NAMED).toLocaleString("en")} more` : "";
    const count = names.length === 1 ? "1 tensor is" : `${names.length.toLocaleString("en")} tensors are`;
    return `${count} not in it, ${recipe}: ${why} (${names.slice(0, NAMED).join(", ")}${more}).`;
  });
}

/** What there is to say of an export before it is saved. */
export const toolExport = ({ texts, without, notes }: MixExport): ToolExport => ({
  ...{ texts, refused: null, limits: [...withoutWords(without), ...notes] },
});
