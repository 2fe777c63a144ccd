/** What an allocation must keep to, as data that a link or a file can hold, and the constraints that follow from it. */
import { matchesPattern } from "../notation/model.ts";
import { forbidsOf, type Runtime } from "./runtimes/index.ts";
import {
  AllocationError,
  type AllocationItem,
  type AllocationTable,
  type Constraints,
  type ItemKind,
  STORED,
} from "./types.ts";

/** Which items: those that everything said here holds for. */
export interface Where {
  kind?: ItemKind;
  roles?: readonly string[];
  /** As in a model recipe: `*` stands for any characters. */
  pattern?: string;
  /** So many layers from the first on, and so many up to the last. */
  ends?: { first: number; last: number };
}

/** A rule of a person. */
export interface Bound {
  where: Where;
  /** Bits a value as counted, at least and at the most. */
  least?: number;
  most?: number;
  /** Only these choices, or none of these. */
  only?: readonly string[];
  never?: readonly string[];
  /** It stays as it is stored. */
  stays?: true;
}

export interface Limits {
  bounds?: readonly Bound[];
  runtime?: Runtime | null;
  /** Item to choice, or STORED: goes before all bounds. */
  pinned?: ReadonlyMap<number, number>;
  fixedBits?: number;
}

/**
 * Constraints of a table. What stays gets "keep" where the table has it, and is left as it is stored where not.
 *
 * @throws {AllocationError} for a bound that names a choice which the table does not have.
 */
export function constraintsOf(
  table: AllocationTable,
  { bounds = [], runtime = null, pinned, fixedBits = 0 }: Limits,
): Constraints {
  const { items, choices, bits } = table;
  const layers = items.reduce((most, { layer }) => Math.max(most, (layer ?? -1) + 1), 0);
  const keep = choices.indexOf("keep");
  for (const name of bounds.flatMap(({ only = [], never = [] }) => [...only, ...never])) {
    if (!choices.includes(name)) throw new AllocationError(`${name} is not one of the choices`);
  }
  const engine = runtime && forbidsOf(runtime, table);
  const pins = new Map<number, number>();
  const own = items.map((item, i) => {
    const rules = bounds.filter(({ where }) => holds(where, item, layers));
    if (rules.some(({ stays }) => stays)) pins.set(i, keep < 0 ? STORED : keep);
    return rules;
  });
  // What stays is pinned with its tie, which a pin of a person's own goes before.
  const ties = new Set([...(pinned ?? [])].map(([i]) => items[i]?.tie).filter((tie) => tie != null));
  for (const i of pins.keys()) if (ties.has(items[i].tie!)) pins.delete(i);
  for (const [i, choice] of pinned ?? []) pins.set(i, choice);
  return {
    pinned: pins,
    fixedBits,
    forbids(item, choice) {
      const why = engine?.(item, choice) ?? null;
      if (why !== null) return why;
      const { elements } = items[item];
      const each = bits[item * choices.length + choice] / elements;
      for (const { least, most, only, never } of own[item]) {
        if (least !== undefined && each < least) return `it has fewer than ${least} bits a value`;
        if (most !== undefined && each > most) return `it has more than ${most} bits a value`;
        if (only && !only.includes(choices[choice])) return `only ${only.join(", ")} may be chosen`;
        if (never?.includes(choices[choice])) return "it may not be chosen";
      }
      return null;
    },
  };
}

function holds({ kind, roles, pattern, ends }: Where, item: AllocationItem, layers: number): boolean {
  if (kind !== undefined && item.kind !== kind) return false;
  if (roles && !roles.includes(item.role)) return false;
  if (pattern !== undefined && !matchesPattern(pattern, item.name)) return false;
  if (!ends) return true;
  return item.layer !== null && (item.layer < ends.first || item.layer >= layers - ends.last);
}
