/** What host and shaders agree on: the words of a recipe, of the parameters, and sizes. */

/**
 * Elements of a run: they lie in one block and share its scale. Long runs where blocks are made of them, short ones
 * elsewhere.
 */
export type RunSize = 16 | 32;
export const [SHORT_RUN, LONG_RUN] = [16, 32] as const;
/** Elements of a workgroup of a sweep kernel, whose threads have a run each. */
export const TILE = 2048;
export const threadsOf = (size: RunSize): number => TILE / size;
/** Recipes whose sums are closed together: more would take too much of a workgroup's memory. */
export const batchOf = (size: RunSize): number => size / 4;
/** Threads of the kernels around the sweep's own. */
export const THREADS = 64;

/** Distinct block grids of a dispatch, and recipes. */
export const MOST_RECIPES = 512;
export const SLOTS = 4;
/** Codebooks of a dispatch, the levels of each and the cells that quotients are looked up in. */
export const TABLES = 1;
export const TABLE_LEVELS = 16;
export const TABLE_CELLS = 64;
/** Words of a codebook: of each cell the middle in it and the levels below and above; then what `bookWords` says. */
export const TABLE_WORDS = 3 * TABLE_CELLS + 4 * TABLE_LEVELS;
/** Float sums of a recipe and tile: squared error, error, squared result, counts. */
export const SUMS = 4;
/** What a saturated value adds to the counts, where one that becomes zero adds one; exact in float32 over a tile. */
export const SATURATED = 2 * TILE;
/** Words of a recipe's totals: the float sums but counts, the largest error, values that become zero and that are saturated; two are left free. */
export const TOTALS = 8;
/** Parts of the tiles whose totals the processor adds up. */
export const PARTS = 64;

/** Words of a recipe, four by four. */
export const recipeFields = [
  ["slot", "u32"],
  /** Whether scales are powers of two, and what is added to a quotient's bits before they are cut to one: what rounds it. */
  ["is_power", "u32"],
  ["power_add", "u32"],
  /** Whether quotients may go beyond the range. */
  ["clamps", "u32"],

  /** The reciprocal of what amax is divided by, in two parts. */
  ["divisor_high", "f32"],
  ["divisor_low", "f32"],
  /** Largest stored scale, and its least normal power of two. */
  ["scale_most", "f32"],
  ["scale_least", "f32"],

  /** 2^(23 - bits of fraction), or zero for float32. */
  ["scale_magic", "f32"],
  /** The scale of the scales, and the scale where there is none. */
  ["outer", "f32"],
  ["fixed", "f32"],
  /** The value of one step of an integer. */
  ["unit", "f32"],

  /** Magnitudes up to this many scales become zero. */
  ["flush", "f32"],
  /** Greatest level, and the end beyond which values count as saturated. */
  ["high", "f32"],
  ["high_end", "f32"],
  ["affine", "u32"],

  /**
   * As for the scale. Of integers, how many scales an error may be at most on the right side of a middle, surely. Of
   * codebooks, what takes a quotient to the part of the way from the first cell to the last.
   */
  ["least", "f32"],
  ["magic", "f32"],
  /** As at the high end; of codebooks the last cell. */
  ["low", "f32"],
  ["low_end", "f32"],

  /** What a scale's numerator is divided by, and what a stored scale's numerator is, where that is not a scale of few digits. */
  ["divisor", "f32"],
  ["numerator", "f32"],
  /** Last bits of an affine block's span that are zero where that has few digits. */
  ["coarse", "u32"],
  ["table", "u32"],
] as const;

export type RecipeField = (typeof recipeFields)[number][0];
export type RecipeWords = Record<RecipeField, number>;

export const RECIPE_WORDS = recipeFields.length;

const part = (k: number, type: string) => {
  const word = `words[${Math.floor(k / 4)}].${"xyzw"[k % 4]}`;
  return type === "f32" ? `bitcast<f32>(${word})` : word;
};

/** The recipes of a batch in a workgroup's memory, and how one is read. */
export const recipeWgsl = /* wgsl */ `
const RECIPE_QUADS = ${RECIPE_WORDS / 4}u;
struct Recipe { ${recipeFields.map(([name, type]) => `${name}: ${type}`).join(", ")} }
var<workgroup> batch: array<array<vec4<u32>, RECIPE_QUADS>, BATCH>;

fn recipe_at(b: u32) -> Recipe {
  let words = batch[b];
  return Recipe(${recipeFields.map(([, type], k) => part(k, type)).join(", ")});
}
`;

export function packRecipes(recipes: readonly RecipeWords[]): Uint32Array {
  const words = new Uint32Array(recipes.length * RECIPE_WORDS);
  const floats = new Float32Array(words.buffer);
  recipes.forEach((recipe, r) => {
    recipeFields.forEach(([name, type], k) => {
      (type === "f32" ? floats : words)[r * RECIPE_WORDS + k] = recipe[name];
    });
  });
  return words;
}
