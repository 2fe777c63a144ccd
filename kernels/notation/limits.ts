/** The longest recipe text that is read, in characters. */
export const MAX_TEXT = 4096;
/** The longest model recipe (all rules together), in characters. */
export const MAX_MODEL_TEXT = 131_072;
/** How deep recipes may nest: each level of scale and each recipe inside an argument counts one. */
export const MAX_DEPTH = 16;
/** The largest number in a block shape. */
export const MAX_BLOCK = 2 ** 31;
/** The longest name of a definition, in characters. */
export const MAX_NAME = 64;
