/** What host and shaders agree on: the words of a recipe, of the parameters, and sizes. */

/** Elements of a run: they lie in one block and share its scale. */
export const RUN = 16;
/** Runs and elements of a workgroup. */
export const TILE_RUNS = 128;
export const TILE = RUN * TILE_RUNS;
/** Threads of the kernels around the sweep's own. */
export const THREADS = 64;

/** How a kernel shares its tile out: TILE_RUNS runs, so many a thread, and the recipes whose sums are closed together. */
export interface Shape {
  runs: number;
  batch: number;
}

/** Two runs a thread share what a recipe costs once; with signed values they would take too many registers. */
export const magnitudeShape: Shape = { runs: 2, batch: 6 };
export const signedShape: Shape = { runs: 1, batch: 4 };

/** Distinct block grids of a dispatch, and recipes. */
export const MOST_RECIPES = 512;
export const SLOTS = 5;
/** Codebooks of a dispatch, and the levels of each. */
export const TABLES = 4;
export const TABLE_LEVELS = 16;
/** Sums of a recipe and tile: squared error, error, squared result, largest error, counts. */
export const SUMS = 5;
/** Words of a recipe's totals: the sums, with saturated, flushed and dead apart; one is left free. */
export const TOTALS = 8;
/** Parts of the tiles whose totals the processor adds up. */
export const PARTS = 64;

export const SCALE = { float32: 0, float: 1, power: 2, none: 3 } as const;

/** Words of a recipe, as floats where they end in f. */
export const recipeFields = [
  ["slot", "u32"],
  ["scale_mode", "u32"],
  /** Added to the bits of a scale that is cut to a power of two: what rounds it. */
  ["power_add", "u32"],
  /** The reciprocal of what amax is divided by, in two parts. */
  ["divisor_high", "f32"],
  ["divisor_low", "f32"],
  /** Largest stored scale, its least normal power of two, and 2^(23 - bits of fraction). */
  ["scale_most", "f32"],
  ["scale_least", "f32"],
  ["scale_magic", "f32"],
  /** The scale of the scales, and the value of one step of an integer. */
  ["outer", "f32"],
  ["unit", "f32"],
  /** Magnitudes up to this many scales become zero. */
  ["flush", "f32"],
  /** Least and greatest level, and the ends beyond which values count as saturated. */
  ["low", "f32"],
  ["high", "f32"],
  ["low_end", "f32"],
  ["high_end", "f32"],
  /** As for the scale. */
  ["least", "f32"],
  ["magic", "f32"],
  ["affine", "u32"],
  ["table", "u32"],
  /** Whether a quotient's digits beyond float32 may decide how the scale is stored. */
  ["long_scale", "u32"],
] as const;

export type RecipeField = (typeof recipeFields)[number][0];
export type RecipeWords = Record<RecipeField, number>;

export const RECIPE_WORDS = recipeFields.length;

export const recipeStructWgsl = `struct Recipe { ${recipeFields.map(([name, type]) => `${name}: ${type}`).join(", ")} }`;

export function packRecipes(recipes: readonly RecipeWords[]): Uint32Array {
  // A uniform buffer is as long as the shader says.
  const words = new Uint32Array(MOST_RECIPES * RECIPE_WORDS);
  const floats = new Float32Array(words.buffer);
  recipes.forEach((recipe, r) => {
    recipeFields.forEach(([name, type], k) => {
      (type === "f32" ? floats : words)[r * RECIPE_WORDS + k] = recipe[name];
    });
  });
  return words;
}
