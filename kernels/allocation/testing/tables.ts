/** Tables for tests and benches. */
import fc from "fast-check";
import { uniformDraw } from "../../random/normal.ts";
import type { AllocationControl, AllocationItem, AllocationTable, Constraints } from "../types.ts";

/** Looks at nothing. */
export const still: AllocationControl = { checkpoint: async () => {} };

export const free: Constraints = { pinned: new Map(), forbids: () => null, fixedBits: 0 };

/** Items of the same kind, each with its losses and bits by choice. */
export function tableOf(
  rows: readonly { loss: readonly number[]; bits: readonly number[]; of?: Partial<AllocationItem> }[],
  choices: readonly string[] = (rows[0]?.loss ?? []).map((_, c) => `choice${c}`),
): AllocationTable {
  return {
    items: rows.map(({ of, bits }, i) => ({
      ...{ name: `item${i}`, kind: "weight", elements: 8, layer: i, role: "q_proj", tie: null },
      storedBits: Math.max(0, ...bits.filter(Number.isFinite)) + 1,
      ...of,
    })),
    choices,
    loss: Float64Array.from(rows.flatMap(({ loss }) => loss)),
    deviation: null,
    bits: Float64Array.from(rows.flatMap(({ bits }) => bits)),
    refused: (item, choice) => (Number.isFinite(rows[item].loss[choice]) ? null : "it does not fit"),
  };
}

const lossOf = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 100 }).map((x) => x / 8) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
);

/** Small ones with ties, refusals, equal costs and losses below zero; bits are few and equal, or all different. */
export const smallTables = fc
  .record({
    choices: fc.integer({ min: 1, max: 4 }),
    items: fc.integer({ min: 0, max: 6 }),
    wide: fc.boolean(),
  })
  .chain(({ choices, items, wide }) =>
    fc.array(
      fc.record({
        loss: fc.array(lossOf, { minLength: choices, maxLength: choices }),
        bits: fc.array(fc.integer({ min: 0, max: wide ? 2 ** 40 : 12 }), { minLength: choices, maxLength: choices }),
        tie: fc.constantFrom(null, null, "a", "b"),
      }),
      { minLength: items, maxLength: items },
    ),
  )
  .map((rows) => tableOf(rows.map(({ tie, ...row }) => ({ ...row, of: { tie } }))));

/**
 * A model of so many tensors in layers of seven roles, losses as 2^(-2 bits) of sensitivities that differ a hundredfold and of formats that
 * are not all alike good, bits a value from 2 to 9 with scales.
 */
export function modelTable(tensors: number, choices: number, seed = 1): AllocationTable {
  const roles = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
  const sizes = [4096 * 4096, 4096 * 1024, 4096 * 1024, 4096 * 4096, 4096 * 14336, 4096 * 14336, 14336 * 4096];
  const [loss, bits] = [new Float64Array(tensors * choices), new Float64Array(tensors * choices)];
  const items = Array.from({ length: tensors }, (_, i): AllocationItem => {
    const [layer, role] = [Math.floor(i / 7), i % 7];
    const sensitivity = 100 ** uniformDraw(seed, 0, i) / tensors;
    for (let c = 0; c < choices; c++) {
      const element = 2 + Math.floor((7 * c) / choices);
      const scales = [0, 0.125, 0.25, 0.5][c % 4];
      const goodness = 2 ** (uniformDraw(seed, 1, i * choices + c) - 2 * scales);
      loss[i * choices + c] = sensitivity * goodness * 4 ** -element;
      bits[i * choices + c] = sizes[role] * (element + scales) + (c % 3 === 0 ? 32 : 0);
    }
    const [name, elements] = [`model.layers.${layer}.${roles[role]}.weight`, sizes[role]];
    return { name, kind: "weight", elements, layer, role: roles[role], tie: null, storedBits: 16 * elements };
  });
  return {
    ...{ items, loss, bits, deviation: null },
    choices: Array.from({ length: choices }, (_, c) => `choice${c}`),
    refused: () => null,
  };
}
