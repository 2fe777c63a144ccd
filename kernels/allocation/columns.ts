/** Further columns of an allocation: tables side by side, and what a cache of keys and values costs at a stated context. */
import type { AllocationItem, AllocationTable } from "./types.ts";

/** One table of several, as weights, activations and caches: each keeps its own choices, and has none of the others. */
export function joinTables(tables: readonly AllocationTable[]): AllocationTable {
  const choices = [...new Set(tables.flatMap((table) => table.choices))];
  const items = tables.flatMap((table) => table.items);
  const width = choices.length;
  const all = items.length * width;
  const loss = new Float64Array(all).fill(Number.NaN);
  const bits = new Float64Array(all).fill(Number.NaN);
  const deviation = tables.some((table) => table.deviation) ? new Float64Array(all).fill(Number.NaN) : null;
  const of: { table: AllocationTable; item: number }[] = [];
  for (const table of tables) {
    const to = table.choices.map((choice) => choices.indexOf(choice));
    for (let item = 0; item < table.items.length; item++) {
      const first = of.length * width;
      for (const [c, at] of to.entries()) {
        const from = item * table.choices.length + c;
        loss[first + at] = table.loss[from];
        bits[first + at] = table.bits[from];
        if (deviation) deviation[first + at] = table.deviation ? table.deviation[from] : 0;
      }
      of.push({ table, item });
    }
  }
  return {
    ...{ items, choices, loss, bits, deviation },
    refused(item, choice) {
      const { table, item: own } = of[item];
      const at = table.choices.indexOf(choices[choice]);
      return at < 0 ? `it is a choice of other tensors than ${items[item].name}` : table.refused(own, at);
    },
  };
}

/** What a layer keeps of a context's keys and values, and what choices cost and lose there. */
export interface CacheColumn {
  name: string;
  layer: number;
  /** "cache": keys and values together. */
  role: "keys" | "values" | "cache";
  /** Values that it keeps at the stated context: of fewer tokens than that where it has a window. */
  elements: number;
  /** Bits where nothing is chosen. */
  stored: number;
  /** By choice: whole bits, scales counted; NaN where they cannot be had. */
  bits: readonly number[];
  loss: readonly number[];
  /** Standard errors of the losses; absent: none is known of any column. */
  deviation?: readonly number[];
}

/** Caches as a table. */
export function cacheTable(choices: readonly string[], columns: readonly CacheColumn[]): AllocationTable {
  const known = columns.some(({ deviation }) => deviation);
  return {
    choices,
    items: columns.map(
      ({ name, layer, role, elements, stored }): AllocationItem => ({
        ...{ name, kind: "cache", elements, layer, role, tie: null, storedBits: stored },
      }),
    ),
    loss: Float64Array.from(columns.flatMap(({ loss }) => loss)),
    deviation: known ? Float64Array.from(columns.flatMap(({ deviation }) => deviation ?? choices.map(() => 0))) : null,
    bits: Float64Array.from(columns.flatMap(({ bits }) => bits)),
    refused: (item, choice) =>
      Number.isFinite(columns[item].loss[choice]) && Number.isFinite(columns[item].bits[choice])
        ? null
        : `${columns[item].name} has no figure for it`,
  };
}
