import { ladderOf } from "../formats/ladder.ts";
import { buildFormat } from "../formats/registry.ts";
import type { CodedFormat } from "../formats/types.ts";
import type { BlockCodec } from "../ggml/codecs.ts";
import type { StoredField } from "../ggml/stored.ts";
import { RecipeError } from "../grammar/errors.ts";
import { layBlocks } from "../plan/blocks.ts";
import { type ElementSpec, END_SLACK, type Plan, type ScaleLevel } from "../plan/plan.ts";
import type { BlockGrid } from "../report/report.ts";
import { buildRounding } from "../rounding/rounding.ts";
import { ABSMAX } from "../scales/rule.ts";

/** What a block quantizer brings to a plan. */
export type CodecParts = Pick<Plan, "codec" | "element" | "levels" | "grid" | "bits" | "uses" | "unweighted">;

/**
 * The parts of a plan whose base is a block quantizer such as `q4_k`. Its levels are the numbers that a block stores:
 * scales from the innermost out, then offsets likewise. Throws RecipeError where rows are not whole blocks.
 */
export function codecParts(codec: BlockCodec, rows: number, cols: number): CodecParts {
  const { name, type } = codec;
  if (cols % type.elements !== 0) {
    throw new RecipeError(
      `${name} needs rows of whole blocks of ${type.elements}, and these have ${cols === 1 ? "1 column" : `${cols} columns`}: ggml refuses them too`,
    );
  }
  const levels = [...nested(codec.scales, codec, rows, cols), ...nested(codec.offsets, codec, rows, cols)];
  return {
    ...{ codec, element: elementOf(codec), levels, grid: levels[0].grid, bits: bitsOf(codec) },
    ...(codec.weighs && { uses: "channels" }),
    ...(codec.needsImportance && { unweighted: alike(codec) }),
  };
}

const alike = ({ type, name }: BlockCodec): string =>
  `ggml makes ${type.name} with an importance matrix alone: ${name} counts all columns alike, as ggml would with a matrix of ones`;

function elementOf({ name, levels }: BlockCodec): ElementSpec {
  const format = buildFormat({ name, args: [] }) as CodedFormat;
  const ladder = ladderOf(format);
  const [low, high] = [ladder.levels[0], ladder.levels[ladder.levels.length - 1]];
  const unsigned = typeof levels === "string" && low === 0;
  return {
    format,
    ladder,
    rounding: buildRounding(null),
    integer: null,
    affine: false,
    middles: ladder.middles,
    ends: { low: unsigned ? -high * (END_SLACK - 1) : low * END_SLACK, high: high * END_SLACK },
    sat: "clamp",
    nonfinite: "skip",
    arith: "exact",
    zeroScale: null,
    zeroPoint: null,
  };
}

/** Levels of fields, each laid over the one before it. */
function nested(fields: readonly StoredField[], codec: BlockCodec, rows: number, cols: number): ScaleLevel[] {
  let grid: BlockGrid | null = null;
  let inner = 1;
  return fields.map((field) => {
    const format = buildFormat({ name: field.format, args: [] }) as CodedFormat;
    const n = field.per / inner;
    grid = layBlocks({ kind: "run", n }, rows, grid ? (grid as BlockGrid).gridCols : cols);
    inner = field.per;
    const ladder = ladderOf(format);
    return {
      inner: { format, maxAbs: ladder.maxAbs },
      text: field.format,
      what: codec.offsets.includes(field) ? (codec.offsetSign < 0 ? "minima" : "offsets") : "scales",
      format,
      ladder,
      rounding: buildRounding(null),
      rule: ABSMAX,
      divisor: ladder.maxAbs,
      grid,
      shape: { kind: "run", n },
      least: 0,
      offset: "none",
    };
  });
}

function bitsOf(codec: BlockCodec): Plan["bits"] {
  const fields = (list: readonly StoredField[], what: string) =>
    list.map(({ per, format, bits }) => ({ what: `${what} of ${per} (${format})`, bitsPerWeight: bits / per }));
  return [
    { what: `elements (${codec.name})`, bitsPerWeight: codec.codeBits },
    ...fields(codec.scales, "scales"),
    ...fields(codec.offsets, codec.offsetSign < 0 ? "minima" : "offsets"),
  ];
}
