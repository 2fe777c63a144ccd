/**
 * At which grain is chosen: tables of coarser units, where items go together, and of finer ones, where an item becomes several, each with
 * the bits that say what it got. Of "Mixed-precision quantization for language models" (arXiv 2510.16805): layer, tensor, group, element.
 */
import { AllocationError, type AllocationItem, type AllocationTable } from "./types.ts";

/** Coarser than a tensor. */
export type CoarseUnit = "model" | "layer" | "role";

/** The same table where all items of one layer, of one role, or all of the model get one choice. Items outside the layers are alone. */
export function tiedBy(table: AllocationTable, unit: CoarseUnit): AllocationTable {
  const tieOf = ({ layer, role }: AllocationItem): string | null => {
    if (unit === "model") return "model";
    if (unit === "role") return `role ${role}`;
    return layer === null ? null : `layer ${layer}`;
  };
  return { ...table, items: table.items.map((item) => ({ ...item, tie: tieOf(item) })) };
}

/** A part of an item: rows, columns, groups or single values. Losses and bits by choice, bits without what says which choice it got. */
export interface Part {
  elements: number;
  loss: ArrayLike<number>;
  bits: ArrayLike<number>;
}

/** Bits that say which of so many choices a part got: a code of fixed length. */
export const indexBits = (choices: number): number => (choices <= 1 ? 0 : Math.ceil(Math.log2(choices)));

/**
 * The table of the parts of items. Each part is charged `metadataBits` for its index; an item that `parts` gives null for stays whole, and is
 * charged nothing. Ties are kept only by items that stay whole, as parts are chosen for one by one. Deviations are not known of parts.
 *
 * @throws {AllocationError} where parts do not add up to their item.
 */
export function splitTable(
  table: AllocationTable,
  parts: (item: number) => readonly Part[] | null,
  metadataBits = indexBits(table.choices.length),
): AllocationTable {
  const { items, choices } = table;
  const width = choices.length;
  const split: { item: AllocationItem; from: number; loss: ArrayLike<number>; bits: Float64Array }[] = [];
  for (const [i, item] of items.entries()) {
    const own = parts(i);
    if (!own) {
      const [first, last] = [i * width, (i + 1) * width];
      split.push({ item, from: i, loss: table.loss.subarray(first, last), bits: table.bits.slice(first, last) });
      continue;
    }
    const elements = own.reduce((sum, part) => sum + part.elements, 0);
    if (elements !== item.elements) {
      throw new AllocationError(`${item.name} has ${item.elements} values, and its parts have ${elements}`);
    }
    const stored = wholeShares(item.storedBits, own);
    for (const [p, part] of own.entries()) {
      split.push({
        item: { ...item, name: `${item.name}[${p}]`, elements: part.elements, tie: null, storedBits: stored[p] },
        from: i,
        loss: part.loss,
        bits: Float64Array.from({ length: width }, (_, c) => part.bits[c] + metadataBits),
      });
    }
  }
  const [loss, bits] = [new Float64Array(split.length * width), new Float64Array(split.length * width)];
  for (const [i, own] of split.entries()) {
    loss.set(own.loss, i * width);
    bits.set(own.bits, i * width);
  }
  return {
    ...{ items: split.map(({ item }) => item), choices, loss, bits, deviation: null },
    refused: (item, choice) => table.refused(split[item].from, choice),
  };
}

/** Whole bits in proportion to values, which add up to the item's. */
function wholeShares(bits: number, parts: readonly Part[]): number[] {
  const all = parts.reduce((sum, { elements }) => sum + elements, 0);
  let [before, elements] = [0, 0];
  return parts.map((part) => {
    elements += part.elements;
    const upTo = all === 0 ? 0 : Math.floor((bits * elements) / all);
    const own = upTo - before;
    before = upTo;
    return own;
  });
}
