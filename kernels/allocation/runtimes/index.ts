/** Engines that run a model: which formats they take, and which tensors get one together. An engine is an entry and a line here. */
import type { AllocationTable } from "../types.ts";
import { refusal } from "./formats.ts";
import { llama, llamaExperts } from "./llama.ts";
import { mlx, tensorrt, vllm } from "./servers.ts";
import type { Runtime, RuntimeItem, TieOptions } from "./types.ts";

export type { Runtime, RuntimeItem } from "./types.ts";

export const runtimes: readonly Runtime[] = [llama, llamaExperts, vllm, tensorrt, mlx];

/** In the place of a recipe: as it is stored, which every engine runs. */
const KEEP = "keep";

/** A role without what says that every token passes it. */
const plainRole = (role: string) => role.replace(/^shared_/, "");

/** One of a layer's experts, or a stack of them: by its number, or by what stacks are called. */
const isExpert = ({ name, role }: RuntimeItem): boolean =>
  !role.startsWith("shared_") && /(?:^|[./])experts?[./]\w|_exps?\b|\[\d+\]$/.test(name);

/** Which items get one choice: a text that they share; null for one that is free. */
export function tieOf(
  runtime: Pick<Runtime, "fused" | "fusedExperts">,
  item: RuntimeItem,
  { tied }: TieOptions = {},
): string | null {
  const { layer, role, kind } = item;
  if (kind !== "weight") return null;
  if (tied && (role === "embedding" || role === "head")) return "embedding and head";
  if (layer === null) return null;
  if (isExpert(item)) {
    const all = runtime.fusedExperts.find((roles) => roles.includes(role)) ?? [role];
    return `experts of layer ${layer}: ${all.join(", ")}`;
  }
  const together = runtime.fused.find((roles) => roles.includes(plainRole(role)));
  const whose = role.startsWith("shared_") ? "shared expert" : "layer";
  return together ? `${whose} ${layer}: ${together.join(", ")}` : null;
}

/** Why an engine does not take a choice for an item, as a clause; null where it does. */
export function forbidsOf(
  runtime: Runtime,
  { items, choices }: Pick<AllocationTable, "items" | "choices">,
): (item: number, choice: number) => string | null {
  const refused = choices.map((recipe) => (recipe === KEEP ? null : refusal(runtime, recipe)));
  return (item, choice) => {
    const { kind, role } = items[item];
    if (kind !== "weight" || choices[choice] === KEEP) return null;
    if (runtime.stays.includes(role)) return `${runtime.title} leaves it as it is`;
    return refused[choice];
  };
}

/** The same items with the ties of an engine. */
export const tiedFor = <T extends Pick<AllocationTable, "items">>(
  runtime: Runtime,
  table: T,
  options?: TieOptions,
): T => ({
  ...table,
  items: table.items.map((item) => ({ ...item, tie: tieOf(runtime, item, options) })),
});
