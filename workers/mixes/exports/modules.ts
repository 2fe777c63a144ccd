/** Assignments by the modules of transformers, as tools in Python take them. */
import type { Recipe } from "../../../kernels/grammar/ast.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Assignment } from "../assignment.ts";
import { addTo } from "../lists.ts";
import type { MixExport, MixSource, MixTool } from "../types.ts";

export interface AssignedModule {
  module: string;
  /** The tensor's name in the source. */
  name: string;
  /** What the tool calls the recipe; null where it is kept. */
  as: string | null;
}

export interface Modules {
  modules: AssignedModule[];
  without: MixExport["without"];
}

/** What a tool makes of recipes and of the weights that get them. */
export interface Takes {
  /** What the tool has for a recipe, as a text; or why it has nothing like it. Asked once for each recipe. */
  recipe(recipe: Recipe, text: string): { as: string } | { why: string };
  /** Why it has no such thing for this weight, in a clause; null where it has. */
  weight(source: MixSource, as: string): string | null;
}

/**
 * Every module with a matrix, and what the tool makes of its recipe. Weights that it has nothing for are kept. Throws UserError where
 * nothing is left, or where no names of modules are known.
 */
export function modulesOf(tool: MixTool, { tensors, model }: Assignment, takes: Takes): Modules {
  const without: MixExport["without"] = [];
  const said = new Map<string, { as: string } | { why: string }>();
  const asked = (recipe: Recipe, text: string) => {
    const known = said.get(text) ?? takes.recipe(recipe, text);
    said.set(text, known);
    return known;
  };
  const modules = tensors.flatMap(({ source, text, recipe }): AssignedModule[] => {
    const kept = (why?: string) => {
      if (why !== undefined) without.push({ name: source.name, recipe: text, why });
      return source.modules.map((module) => ({ module, name: source.name, as: null }));
    };
    if (!recipe) return kept();
    const shape = shapeRefusal(tool, source);
    if (shape !== null) return kept(shape);
    const found = asked(recipe, text);
    if ("why" in found) return kept(found.why);
    const refusal = takes.weight(source, found.as);
    if (refusal !== null) return kept(refusal);
    return source.modules.map((module) => ({ module, name: source.name, as: found.as }));
  });
  if (modules.every(({ as }) => as === null)) {
    const [first] = without;
    throw new UserError(
      `No weight of ${model.label} has a recipe that ${tool} has anything like.${first ? ` ${first.name}: ${first.why}.` : ""}`,
    );
  }
  return { modules, without };
}

function shapeRefusal(tool: MixTool, { modules, shape, view }: MixSource): string | null {
  if (modules.length === 0) return "which module it belongs to is not known";
  if (modules.length === 1 && shape.length > 2) return `it is of shape [${shape.join(", ")}], and ${tool} has matrices`;
  return view.transpose
    ? `it is stored inputs x outputs, and the blocks of ${tool} run along the inputs of a row`
    : null;
}

/** Names of modules by what they get. */
export function byWhat(modules: readonly AssignedModule[]): [as: string, names: string[]][] {
  const groups = new Map<string, string[]>();
  for (const { module, as } of modules) if (as !== null) addTo(groups, as, module);
  return [...groups];
}

export const linearAlone = ({ linear }: MixSource): string | null => (linear ? null : "it quantizes linear layers");
