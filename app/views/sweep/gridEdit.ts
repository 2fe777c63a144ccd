/** A grid as sets of short texts, one a part, for the lists on the page; and back. */
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import type { NotationOptions } from "../../../kernels/notation/index.ts";
import { parseRecipe, printBlock, printRecipe } from "../../../kernels/notation/index.ts";
import { namesOf, parseGridItem, parsePart } from "../../../kernels/notation/parse.ts";
import { printCall } from "../../../kernels/notation/print.ts";
import { vocabulary } from "../../../kernels/notation/vocabulary.ts";
import { rules } from "../../../kernels/scales/rules/index.ts";
import type { Grid } from "../../../kernels/sweep/index.ts";
import { NONE, placed } from "../../../kernels/sweep/print.ts";

export type SetKind = "steps" | "bases" | "roundings" | "blocks" | "rules" | "scales" | "corrections";

/** One set of a grid. There can be several sets of steps, one after the other. */
export interface GridSet {
  kind: SetKind;
  index: number;
  items: string[];
}

interface Kind {
  label: string;
  /** What `none` means here; null where it cannot stand. */
  none: { label: string; describe: string } | null;
  /** Offered at once. */
  usual: readonly string[];
  /** All there is, for completion. */
  all: () => { name: string; describe: string }[];
  /** An item that is not on the list, as an example. */
  example: string;
}

const names = (entries: readonly { name: string; describe: string }[]) =>
  entries.map(({ name, describe }) => ({ name, describe }));
const supplied = (otherwise: string) => ({
  label: "default",
  describe: `written none: what the format or alias brings along, else ${otherwise}`,
});

export const kinds: Record<SetKind, Kind> = {
  bases: {
    label: "Formats",
    none: null,
    usual: [
      ...["int2", "int3", "int4", "int4(asym)", "int6", "int8", "nf4", "e2m1", "e2m3", "e3m2", "e4m3", "e5m2"],
      ...["mxfp4", "nvfp4", "mxfp6", "mxfp8"],
    ],
    all: () => names([...vocabulary.formats, ...vocabulary.aliases]),
    example: "int4(half)",
  },
  blocks: {
    label: "Blocks",
    none: { label: "default", describe: "written none: the block of the alias, else a direct cast without scales" },
    usual: ["16", "32", "64", "128", "256", "row", "col", "tensor", "128x128"],
    all: () => ["8", "512", "1024", "16x16", "32x32", "64x64", "flat(64)"].map((name) => ({ name, describe: "block" })),
    example: "16x16",
  },
  rules: {
    label: "Scale rules",
    none: supplied("the largest magnitude"),
    usual: rules.flatMap(({ offers = [] }) => offers),
    all: () => names(vocabulary.rules),
    example: "mse(p=2.4)",
  },
  scales: {
    label: "Scale storage",
    none: supplied("float32"),
    usual: ["f32", "f16", "bf16", "e8m0", "e4m3/tensor", "ue5m3/tensor"],
    all: () => names(vocabulary.formats),
    example: "uint8/row:f16",
  },
  steps: {
    label: "Steps",
    none: { label: "none", describe: "without a step" },
    usual: ["ht(64)", "rht(32,seed=0)", "rht(64,seed=0)", "rht(128,seed=0)"],
    all: () => names(vocabulary.steps.filter((s) => s.place === "before")),
    example: "rht(256,seed=1)",
  },
  roundings: {
    label: "Roundings",
    none: supplied("nearest, ties to even"),
    usual: ["away", "trunc", "sr(seed=0)"],
    all: () => names(vocabulary.roundings),
    example: "sr(seed=2)",
  },
  corrections: {
    label: "Corrections",
    none: { label: "none", describe: "without a correction" },
    usual: [],
    all: () => names(vocabulary.steps.filter((s) => s.place === "after")),
    example: "",
  },
};

/** The sets of a grid as texts. A lone recipe is taken apart into the sets where its parts belong. */
export function setsOfGrid(grid: Grid, options: NotationOptions): GridSet[] {
  const g = placed(grid, options);
  const n = namesOf(options);
  const texts = <T>(set: readonly (T | null)[], print: (item: T) => string) =>
    set.map((item) => (item === null ? NONE : print(item)));
  const call = (c: Parameters<typeof printCall>[1]) => printCall(n, c);
  const steps = (kind: SetKind, sets: Grid["steps"]) =>
    sets.map((set, index) => ({ kind, index, items: texts(set, call) }));
  const one = (kind: SetKind, items: string[]) => ({ kind, index: 0, items });
  const before = steps("steps", g.steps);
  return [
    one(
      "bases",
      g.bases.map((base) => printRecipe(base, options)),
    ),
    one("blocks", texts(g.blocks, printBlock)),
    one(
      "scales",
      texts(g.scales, (quantizer) => printRecipe({ before: [], quantizer, after: [] }, options)),
    ),
    one("rules", texts(g.rules, call)),
    ...(before.length > 0 ? before : [one("steps", [NONE])]),
    one("roundings", texts(g.roundings, call)),
    ...steps("corrections", g.corrections),
  ];
}

/** The grid with other items in one of its sets; a set left empty is one of `none`. Throws RecipeError with the column in the item. */
export function withSet(
  grid: Grid,
  { kind, index }: GridSet,
  items: readonly string[],
  options: NotationOptions,
): Grid {
  const g = placed(grid, options);
  const n = namesOf(options);
  const read = <T>(parse: (text: string) => T): (T | null)[] =>
    items.length === 0 ? [null] : items.map((text) => (text === NONE ? null : parse(text)));
  const call = (what: "step" | "rule" | "rounding") => read((text) => parsePart(what, text, 0, text.length, n));
  const quantizer = (text: string) => {
    const recipe = parseGridItem(text, options);
    if (recipe.before.length + recipe.after.length > 0) throw new RecipeError("a scale has no steps", 1);
    return recipe.quantizer;
  };
  switch (kind) {
    case "bases":
      if (items.length === 0) throw new RecipeError("a grid needs a format");
      return { ...g, bases: items.map((text) => parseGridItem(text, options)) };
    case "blocks":
      return { ...g, blocks: read(readBlock) };
    case "scales":
      return { ...g, scales: read(quantizer) };
    case "rules":
      return { ...g, rules: call("rule") };
    case "roundings":
      return { ...g, roundings: call("rounding") };
    default: {
      const sets = [...g[kind]];
      sets[index] = call("step");
      return { ...g, [kind]: sets };
    }
  }
}

function readBlock(text: string) {
  const { block, rounding, rule, scale } = parseRecipe(`f32/${text}`).quantizer;
  if (!block || rounding || rule || scale) throw new RecipeError(`"${text}" is more than a block`, 1);
  return block;
}

/** The items of a set with one added or taken away; it keeps at least one. */
export function toggleItem(items: readonly string[], item: string): string[] {
  if (!items.includes(item)) return [...items, item];
  return items.filter((i) => i !== item);
}
