/** Which signals of earlier scores stand beside newer ones: those that would come out alike if they were made again. */
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import { prepareRecipe } from "../../kernels/prepare/prepare.ts";
import { signalNamed } from "../../kernels/signals/index.ts";
import { sameCheckpoint } from "./fingerprint.ts";
import { isScored } from "./signals.ts";
import type { ScoreFile } from "./types.ts";

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Newer scores with the signals of earlier ones that scoring rows does not make: of runs of the model, of other programs. Figures of other
 * recipes or codebooks, of another checkpoint or, where a recipe looks at inputs, of other inputs are left behind; so are signals of
 * values, which are made again with whatever seed, share and calibration the newer scores have. Tensors that are new have none.
 */
export function carried(scores: ScoreFile, earlier: ScoreFile | null): ScoreFile {
  if (!earlier || !sameCheckpoint(earlier.fingerprint, scores.fingerprint)) return scores;
  const alikeNumbers = same(earlier.definitions, scores.definitions) && earlier.numbers === scores.numbers;
  const alike = same(earlier.recipes, scores.recipes) && alikeNumbers;
  let inputs: boolean | null = null;
  const sameInputs = () => {
    inputs ??=
      same(earlier.calibration, scores.calibration) || !scores.recipes.some((text) => looksAtInputs(text, scores));
    return inputs;
  };
  const place = new Map(earlier.tensors.map(({ name }, t) => [name, t]));
  const at = scores.tensors.map(({ name }) => place.get(name) ?? -1);
  const signals = { ...scores.signals };
  for (const [name, signal] of Object.entries(earlier.signals)) {
    if (Object.hasOwn(signals, name) || isScored(name, signal)) continue;
    const known = signalNamed(name);
    const width = signal.values[0]?.length ?? 0;
    const byRecipe = known ? known.byRecipe : width !== 1 || earlier.recipes.length === 1;
    if (byRecipe && !(alike && (known?.needs !== "model" || sameInputs()))) continue;
    const none = Array.from({ length: width }, () => null);
    const pick = (rows: (number | null)[][]) => at.map((t) => rows[t] ?? none);
    signals[name] = {
      ...signal,
      values: pick(signal.values),
      ...(signal.error && { error: pick(signal.error) }),
      ...(signal.weight && { weight: at.map((t) => signal.weight?.[t] ?? null) }),
    };
  }
  // The cache has recipes of its own, which look at no inputs.
  return { ...scores, signals, ...(earlier.cache && alikeNumbers && { cache: earlier.cache }) };
}

/** A matrix that any recipe's blocks go into. */
const SIDE = 4096;

/** Whether what is known of inputs changes what a recipe makes; what cannot be told counts as if it did. */
function looksAtInputs(text: string, { definitions }: Pick<ScoreFile, "definitions">): boolean {
  try {
    const known = definitions.map((one) => parseDefinition(one));
    const { steps, uses } = prepareRecipe(parseRecipe(text, { definitions: known }), known, SIDE, SIDE);
    return uses !== undefined || steps.some(({ needs }) => needs.calibration !== "none");
  } catch {
    return true;
  }
}
