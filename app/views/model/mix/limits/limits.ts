/** What an assignment must keep to, as people say it: pins, layers that are kept, bits at least by role. */
import type { AllocationTable } from "../../../../../kernels/allocation/types.ts";
import { KEEP } from "../../../../../kernels/notation/index.ts";
import { FREE } from "../../../../../workers/frontier/request.ts";
import { selectedBy } from "../selection.ts";
import type { MixState } from "../state.ts";
import type { MixTensors } from "../tensors.ts";

/** A pin as it stands in the link. */
export interface Pin {
  /** See `selection.ts`. */
  selection: string;
  recipe: string;
}

/** `selection=recipe;selection=recipe`: the first that means a tensor holds. What cannot be read is left out. */
export function parsePins(text: string): Pin[] {
  return text.split(";").flatMap((rule) => {
    const equals = rule.indexOf("=");
    const [selection, recipe] = [rule.slice(0, equals).trim(), rule.slice(equals + 1).trim()];
    return equals <= 0 || recipe === "" ? [] : [{ selection, recipe }];
  });
}

export const printPins = (pins: readonly Pin[]): string =>
  pins.map(({ selection, recipe }) => `${selection}=${recipe}`).join(";");

/** Bits at least by role; a text that cannot be read as such is left out. */
export function parseLeast(text: string): { role: string; bits: number }[] {
  return text.split(";").flatMap((one) => {
    const [, role, bits] = /^\s*([^:;]+?)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(one) ?? [];
    return role === undefined ? [] : [{ role, bits: Number(bits) }];
  });
}

export const printLeast = (all: readonly { role: string; bits: number }[]): string =>
  all.map(({ role, bits }) => `${role}:${bits}`).join(";");

export interface Limits {
  /** By tensor: the choice that it is pinned to; `FREE` where it is free. */
  pinned: Int32Array;
  /** tensors x choices: why a choice must not be taken, as an index into `reasons`; 0 where it may. */
  forbidden: Uint8Array;
  /** Clauses; the first is empty. */
  reasons: string[];
  /** What could not be done as asked, in sentences. */
  problems: string[];
}

type Asked = Pick<MixState, "pins" | "first" | "last" | "least">;

/** @param forbids of a runtime: why a tensor must not have a choice */
export function limitsOf(
  { pins, first, last, least }: Asked,
  tensors: MixTensors,
  table: Pick<AllocationTable, "choices" | "bits" | "loss">,
  forbids: ((item: number, choice: number) => string | null) | null = null,
): Limits {
  const { count, layer, role, roles, elements } = tensors;
  const width = table.choices.length;
  const keep = table.choices.indexOf(KEEP);
  const pinned = new Int32Array(count).fill(FREE);
  const forbidden = new Uint8Array(count * width);
  const problems: string[] = [];
  const reasons = ["", "its layer is kept as it is stored", "it has fewer bits than its role must have"];
  const reasonOf = new Map<string, number>();
  const indexOf = (why: string): number => {
    const known = reasonOf.get(why);
    if (known !== undefined) return known;
    // A byte holds it: whoever has more reasons than that has them all alike.
    const index = Math.min(255, reasons.push(why) - 1);
    reasonOf.set(why, index);
    return index;
  };

  for (const { selection, recipe } of parsePins(pins)) {
    const choice = table.choices.indexOf(recipe);
    const { mask, count: found, problem } = selectedBy(selection, tensors);
    if (problem) problems.push(`${problem}.`);
    if (choice < 0) {
      problems.push(`${recipe} is not among the scored recipes: nothing is pinned to it.`);
      continue;
    }
    if (found === 0 && !problem) problems.push(`No tensor is named ${selection}: that pin holds for nothing.`);
    let without = 0;
    for (let i = 0; i < count; i++) {
      if (!mask[i] || pinned[i] !== FREE) continue;
      if (!Number.isFinite(table.loss[i * width + choice])) without++;
      else pinned[i] = choice;
    }
    if (without > 0)
      problems.push(
        `${without.toLocaleString("en")} of the tensors of ${selection} cannot take ${recipe} and are not pinned.`,
      );
  }

  const bounds = parseLeast(least).map(({ role: name, bits }) => ({ role: roles.indexOf(name), name, bits }));
  for (const { role: known, name } of bounds)
    if (known < 0) problems.push(`No tensor has the role ${name}: its bound holds for nothing.`);
  const boundOf = new Map(bounds.map((bound) => [bound.role, bound.bits]));
  const layers = layer.reduce((most, l) => Math.max(most, l + 1), 0);
  for (let i = 0; i < count; i++) {
    const kept = layer[i] >= 0 && (layer[i] < first || layer[i] >= layers - last);
    const atLeast = boundOf.get(role[i]) ?? 0;
    for (let c = 0; c < width; c++) {
      const at = i * width + c;
      const why = forbids?.(i, c) ?? null;
      if (kept && c !== keep) forbidden[at] = 1;
      else if (table.bits[at] < atLeast * elements[i]) forbidden[at] = 2;
      else if (why !== null) forbidden[at] = indexOf(why);
    }
  }
  if (forbids && width > 1) {
    const free = (c: number) => {
      for (let i = 0; i < count; i++)
        if (Number.isFinite(table.loss[i * width + c]) && forbids(i, c) === null) return true;
      return false;
    };
    if (!table.choices.some((_, c) => c !== keep && free(c)))
      problems.push("The runtime runs none of these recipes: every tensor stays as it is. Score a grid that it takes.");
  }
  return { pinned, forbidden, reasons, problems };
}
