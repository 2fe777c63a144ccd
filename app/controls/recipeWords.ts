/** A recipe in plain words, for who has not learned the notation yet. */
import {
  type BlockShape,
  type Call,
  type NotationOptions,
  numberArg,
  printRecipe,
  type Quantizer,
  type Recipe,
} from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/vocabulary.ts";

type Described = readonly { name: string; describe: string }[];

const told = (entries: Described, { name }: Call): string =>
  entries.find((entry) => entry.name === name)?.describe ?? name;

/** Formats of scales by the names people call them. */
const scaleNames: Readonly<Record<string, string>> = { f32: "float32", f16: "float16", bf16: "bfloat16" };

function blockWords(block: BlockShape): string {
  switch (block.kind) {
    case "run":
      return `blocks of ${block.n} along the row`;
    case "flat":
      return `blocks of ${block.n} across rows`;
    case "tile":
      return `blocks of ${block.rows} by ${block.cols}`;
    case "row":
    case "tensor":
      return `one block a ${block.kind}`;
    case "col":
      return "one block a column";
  }
}

/** How the scales are stored, level by level. */
function scaleWords(scale: Quantizer | null): string {
  if (!scale) return "float32 scales";
  const { name } = scale.base;
  const own = name === "e8m0" ? "power-of-two scales" : `${scaleNames[name] ?? name.toUpperCase()} scales`;
  if (!scale.block) return own;
  return `${own}, which have ${blockWords(scale.block)} and ${scaleWords(scale.scale)} in turn`;
}

/** One sentence without its end: what is done to the values, in the order of doing it. */
export function recipeWords({ before, quantizer, after }: Recipe, options: NotationOptions): string {
  const alone = printRecipe({ before: [], quantizer, after: [] }, options);
  const alias = vocabulary.aliases.find(({ name }) => name === alone);
  const { base, block, rule, rounding, scale } = quantizer;
  const steps = before.map((step) => {
    const size = numberArg(step, "n");
    return `${told(vocabulary.steps, step)}${size === null ? "" : ` of ${size}`}`;
  });
  const core = alias
    ? [alias.describe]
    : [
        told(vocabulary.formats, base),
        ...(block ? [blockWords(block), scaleWords(scale)] : []),
        ...(rule ? [`scale: ${told(vocabulary.rules, rule)}`] : []),
        ...(rounding ? [`rounded ${told(vocabulary.roundings, rounding)}`] : []),
      ];
  return [...steps, ...core, ...after.map((step) => told(vocabulary.steps, step))].join("; ");
}
