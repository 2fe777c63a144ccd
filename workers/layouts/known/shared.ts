/** What several layouts have in common. */
import { UserError } from "../../errors/user-error.ts";
import { countElements } from "../../tensors/shape.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import type { Config } from "../config.ts";
import type { BlockSize, Grid } from "../decoding.ts";
import { storedGrid, swizzledGrid, swizzledSize } from "../grids.ts";
import { NotDecoded, type Part, type Surroundings, stacked } from "../layout.ts";

/** AutoRound writes the layouts of others, and says so under its own name. */
export const isAutoRound = ({ method }: Config): boolean => method !== null && /(?:^|\/)auto[-_]?round$/.test(method);

/** Blocks of `size` along rows of `cols`, in the notation. */
export function blockText(size: number, cols: number): string {
  return size >= cols ? "/row" : `/${size}`;
}

/**
 * The group of each column, read once; where all are negative, groups are runs of `size`. Rejects with UserError for a
 * group that there is not.
 */
export function groupsOf(tensor: Tensor, groups: number, size: number): () => Promise<Uint32Array> {
  let known: Promise<Uint32Array> | undefined;
  const read = async () => {
    const values = await tensor.read(0, tensor.info.elements);
    if (values.every((g) => g < 0)) return Uint32Array.from(values, (_, c) => Math.floor(c / size));
    const wrong = values.findIndex((g) => !(g >= 0 && g < groups));
    if (wrong >= 0) {
      throw new UserError(`${tensor.info.name} puts column ${wrong} into group ${values[wrong]}; there are ${groups}.`);
    }
    return Uint32Array.from(values);
  };
  return () => {
    known ??= read();
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
}

/** Rows and columns that share a scale, and the scales' own rows and columns. */
export interface Blocks extends BlockSize {
  gridRows: number;
  gridCols: number;
}

/** Sides of square or long blocks in use, in the order of trying. */
const USUAL_SIDES = [128, 64, 32, 16, 256, 512, 8];

/**
 * The blocks that a tensor of scales divides a weight [..., rows, cols] into: one for all, one a stacked matrix, one a row,
 * or a grid, whose sides are those `told` by the configuration, else the usual ones that fit. Throws NotDecoded.
 */
export function blocksOf(scales: Tensor, shape: readonly number[], told?: readonly number[]): Blocks {
  const cols = shape[shape.length - 1];
  const each = shape[shape.length - 2] ?? 1;
  const all = countElements(shape) / Math.max(1, cols);
  const count = scales.info.elements;
  const lead = all / Math.max(1, each);
  if (count === 1) return { rows: all, cols, gridRows: 1, gridCols: 1 };
  // Writers that divide by blocks of a view leave a last dimension of 1.
  const own = withoutOnes(scales.info.shape, shape.length);
  // As many scales as rows are a grid of blocks, though, where they lie side by side in as many dimensions as the weight has.
  if (count === all && (own.length < shape.length || own.at(-1) === 1)) {
    return { rows: 1, cols, gridRows: all, gridCols: 1 };
  }
  if (own.length < 2 && count === lead) return { rows: each, cols, gridRows: lead, gridCols: 1 };
  if (own.length === shape.length) {
    const gridCols = own[own.length - 1];
    const gridEach = own[own.length - 2];
    const sides = [side(each, gridEach, told?.[0]), side(cols, gridCols, told?.[1])];
    const leads = own.slice(0, -2).every((n, i) => n === shape[i]);
    const [high, wide] = sides;
    if (leads && high !== null && wide !== null) {
      const cut = lead > 1 && each % high !== 0;
      return { rows: high, cols: wide, gridRows: lead * gridEach, gridCols, ...(cut && { every: each }) };
    }
  }
  throw new NotDecoded(
    `${scales.info.name} is [${scales.info.shape.join(", ")}], which divides [${shape.join(", ")}] into no blocks of one size`,
  );
}

/** A shape less its last dimensions of 1, down to as many dimensions. */
function withoutOnes(shape: readonly number[], dimensions: number): readonly number[] {
  let { length } = shape;
  while (length > dimensions && shape[length - 1] === 1) length--;
  return shape.slice(0, length);
}

/** The side of `parts` blocks that cover `length`; the last may be cut. Null where none does. */
function side(length: number, parts: number, told?: number): number | null {
  const fits = (n: number) => Math.ceil(length / n) === parts;
  if (told !== undefined) return Number.isInteger(told) && told > 0 && fits(told) ? Math.min(told, length) : null;
  if (parts === 1) return length;
  if (parts === length) return 1;
  return USUAL_SIDES.find(fits) ?? (parts > 0 && length % parts === 0 ? length / parts : null);
}

/** Columns a group, of which there are `groups`: as the configuration says, or what fits. Throws NotDecoded. */
export function groupSize(inputs: number, groups: number, told: unknown, scales: Tensor): number {
  const fits = Number.isInteger(told) && (told as number) > 0 && Math.ceil(inputs / (told as number)) === groups;
  const size = side(inputs, groups, fits ? (told as number) : undefined);
  if (size === null) throw new NotDecoded(`the ${groups} groups of ${scales.info.name} do not divide ${inputs} inputs`);
  return size;
}

/**
 * Throws NotDecoded unless the scales are one for each run of `block` columns: row by row, with rows of padding at the end
 * perhaps, or as many as the padded tiles of GPUs take. Gives their number in a row.
 */
export function runsOf(scales: Tensor, rows: number, cols: number, block: number): number {
  const { name, shape, elements } = scales.info;
  const across = Math.ceil(cols / block);
  const found = `${name} is [${shape.join(", ")}]`;
  if (elements < rows * across) {
    throw new NotDecoded(`${found}, too few for ${rows} rows of ${across} blocks of ${block}`);
  }
  const byRows = elements === rows * across && (shape.length < 2 || shape.at(-1) === across);
  const paddedBelow = shape.length === 2 && shape[1] === across;
  if (byRows || paddedBelow || maySwizzle(scales, rows, across)) return across;
  throw new NotDecoded(`${found}, which are not ${rows} rows of ${across} blocks of ${block}`);
}

/** Blocks in the notation, with their slash. */
export function blocksText({ rows, cols: wide, gridRows, gridCols }: Blocks, cols: number): string {
  if (gridRows * gridCols === 1) return "/tensor";
  if (rows === 1) return blockText(wide, cols);
  return wide === 1 && gridRows === 1 ? "/col" : `/${rows}x${wide}`;
}

/** Whether a tensor holds as many scales as the padded tiles of GPUs take. */
export function maySwizzle(scales: Tensor, rows: number, across: number): boolean {
  return scales.info.elements === swizzledSize(rows, across);
}

/** Scales of runs along rows, plain or in tiles. */
export function runGrid(scales: Tensor, rows: number, across: number, order: string): Grid {
  return order === "swizzled" ? swizzledGrid(scales, rows, across) : storedGrid(scales, across);
}

/** The scale of the inputs, where there is one: it belongs to the weight's surroundings. */
export function inputParts(find: Surroundings["find"], ...names: string[]): Part[] {
  return names.flatMap((name) => {
    const tensor = find(name);
    return tensor ? [{ role: "scale of inputs", tensor, counted: false }] : [];
  });
}

/** A tensor of nibble pairs: the weight's shape, twice as wide. */
export function pairedShape(tensor: Tensor): { shape: number[]; rows: number; cols: number; bytes: number } {
  const { rows, cols } = stacked(tensor);
  return { shape: [...tensor.info.shape.slice(0, -1), 2 * cols], rows, cols: 2 * cols, bytes: cols };
}
