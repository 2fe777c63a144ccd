import { RecipeError } from "../grammar/errors.ts";
import { type Dense, dense } from "../linalg/dense.ts";
import { holds } from "./needs.ts";
import { addChannels, channelsOf, columnQuantiles, startChannels } from "./statistics.ts";
import type { Calibration, CalibrationNeed } from "./types.ts";

/** sum of (x - b)(x - b)^T = G - T b m^T - T m b^T + T b b^T, of the sums over T tokens of mean m. */
function shiftedGram({ rows, cols, values }: Dense, b: Float64Array, mean: Float64Array, tokens: number): Dense {
  const out = dense(rows, cols);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++, i++) {
      out.values[i] = values[i] + tokens * (b[r] * b[c] - (b[r] * mean[c] + mean[r] * b[c]));
    }
  }
  return out;
}

/**
 * What is known of inputs from which something is taken, channel by channel: x[from[c]] - shift[c], still in its old place. Mean
 * magnitudes and quantiles are those of the rows kept. Throws RecipeError where it takes the mean of the inputs, their number, or that
 * of the inputs before quantization, and there is none.
 */
export function shiftedBy(
  calibration: Calibration,
  shift: Float64Array,
  from: Uint32Array | null,
  need: CalibrationNeed,
): Calibration {
  // Experts have mean squares and no means: nothing follows of them.
  const { experts: _, ...known } = calibration;
  const { cols, mean, meanSquare, min, max, rows, gram, tokens, quantiles, cross } = known;
  const b = new Float64Array(cols);
  shift.forEach((value, c) => {
    b[from ? from[c] : c] = value;
  });
  if (cross && holds(need, "cross")) {
    throw new RecipeError("the cross moment of inputs does not go through a step that takes a middle off them");
  }
  if (gram && holds(need, "gram") && (!mean || tokens === null)) {
    throw new RecipeError(
      `${calibration.source.name} has no mean of each input channel over a number of tokens: its Gram matrix does not go through a step that takes a middle off the inputs`,
    );
  }
  const less = (values: Float64Array | null) => values?.map((value, c) => value - b[c]) ?? null;
  const kept = rows?.map((value, i) => value - b[i % cols]) ?? null;
  const ofKept = startChannels(cols);
  if (kept) addChannels(kept, ofKept);
  return {
    ...known,
    mean: less(mean),
    meanAbs: channelsOf(ofKept).meanAbs,
    // Never below zero, which rounding might make of a channel that is constant.
    meanSquare: meanSquare && mean && meanSquare.map((square, c) => Math.max(0, square + b[c] * (b[c] - 2 * mean[c]))),
    min: less(min),
    max: less(max),
    quantiles:
      kept &&
      quantiles &&
      columnQuantiles(
        kept,
        cols,
        quantiles.map(({ p }) => p),
      ),
    rows: kept,
    gram: gram && mean && tokens !== null && holds(need, "gram") ? shiftedGram(gram, b, mean, tokens) : null,
    cross: null,
  };
}
