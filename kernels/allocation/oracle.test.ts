/** The frontier against all assignments of items, tried one by one without groups: ties, pins, bounds and refusals are looked at here again. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { frontier } from "./frontier.ts";
import { smallTables, still } from "./testing/tables.ts";
import { AllocationError, type AllocationTable, type Constraints, STORED, within } from "./types.ts";

/** Least loss within a budget, and the least bits there are. */
function tried({ items, choices, loss, bits }: AllocationTable, { pinned, forbids, fixedBits }: Constraints) {
  const tiesOf = (i: number) =>
    items.flatMap(({ tie }, j) => (j === i || (tie !== null && tie === items[i].tie) ? [j] : []));
  const open = (i: number, c: number) => {
    const pins = tiesOf(i).flatMap((j) => (pinned.has(j) ? [pinned.get(j)!] : []));
    if (pins.length > 0 ? pins[0] !== c : forbids(i, c) !== null) return false;
    return c === STORED || (Number.isFinite(loss[i * choices.length + c]) && bits[i * choices.length + c] >= 0);
  };
  const common = (i: number) => choices.flatMap((_, c) => (tiesOf(i).every((j) => open(j, c)) ? [c] : []));
  const all: { loss: number; bits: number }[] = [];
  const walk = (i: number, chosen: number[], lost: number, spent: number) => {
    if (i === items.length) {
      all.push({ loss: lost, bits: spent });
      return;
    }
    const first = tiesOf(i)[0];
    const possible = first < i ? [chosen[first]] : common(i).length > 0 ? common(i) : [STORED];
    for (const c of possible) {
      const at = i * choices.length + c;
      const [own, cost] = c === STORED ? [0, items[i].storedBits] : [loss[at], bits[at]];
      walk(i + 1, [...chosen, c], lost + own, spent + cost);
    }
  };
  walk(0, [], 0, fixedBits);
  return all;
}

it("finds what trying everything finds, under pins and bounds, too", () =>
  fc.assert(
    fc.asyncProperty(
      smallTables,
      fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -1, max: 3 })), { maxLength: 2 }),
      fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { maxLength: 4 }),
      fc.nat(100),
      async (table, pins, bounds, fixedBits) => {
        const { length } = table.items;
        const constraints: Constraints = {
          pinned: new Map(pins.filter(([i, c]) => i < length && c < table.choices.length)),
          forbids: (item, choice) =>
            bounds.some(([i, c]) => i === item && c === choice) ? "it is out of bounds" : null,
          fixedBits,
        };
        const found = await frontier(table, constraints, still).catch((error: unknown) => {
          if (error instanceof AllocationError) return null;
          throw error;
        });
        // Pins that contradict each other or cannot be had are refused, and told apart in other tests.
        fc.pre(found !== null);
        const all = tried(table, constraints);
        const least = Math.min(...all.map(({ bits }) => bits));
        expect(found!.bits[0]).toBe(least);
        for (const { bits } of all) {
          const best = Math.min(...all.filter((one) => one.bits <= bits).map(({ loss }) => loss));
          expect(Math.abs(found!.loss[within(found!, bits)] - best)).toBeLessThan(1e-9);
        }
        expect(within(found!, least - 1)).toBe(-1);
      },
    ),
    { numRuns: 150 },
  ));
