/**
 * Streams of the counter-based generator, so that no two uses of one seed share draws: the key of a draw is
 * (seed, stream), its counter the row-major index in the matrix view (low word, high word).
 */
export const elementStream = 0;
/** Rounding of the scales of a level, 0 the innermost. */
export const scaleStream = (level: number): number => 1 + level;
/** Signs and other draws of the step at this position of the recipe. */
export const stepStream = (position: number): number => 256 + position;
