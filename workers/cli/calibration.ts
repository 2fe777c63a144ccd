/** Options that say what is known of a weight's inputs: `--activations X.npy`, `--gram H.npy`, `--imatrix F`, `--calibration DIR`. */
import { basename } from "node:path";
import { inputsAmongMany } from "../calibration/inputs.ts";
import { type OpenCalibration, openCalibration, openSynthetic } from "../calibration/open.ts";
import { parseSynthetic } from "../calibration/synthetic.ts";
import { UserError } from "../errors/user-error.ts";
import { parseActivations } from "../runs/activations.ts";
import { type Inputs, noInputs } from "../runs/inputs.ts";
import { openFilesAt } from "../sources/node.ts";
import type { CalibrationKind } from "../sources/spec.ts";

/** For `parseArgs`. */
export const CALIBRATION_OPTIONS = {
  activations: { type: "string" },
  gram: { type: "string" },
  imatrix: { type: "string" },
  calibration: { type: "string" },
  "activations-recipe": { type: "string" },
} as const;

export type CalibrationValues = { [K in keyof typeof CALIBRATION_OPTIONS]?: string | undefined };
type Source = Exclude<keyof CalibrationValues, "activations-recipe">;

const KINDS: Record<Source, CalibrationKind> = {
  activations: "activations",
  gram: "gram",
  imatrix: "imatrix",
  calibration: "capture",
};

/** Synthetic activations stand for a file: `gen:outliers(tokens=2048,seed=1)`. */
const SYNTHETIC = "gen:";

const control = { signal: new AbortController().signal, progress: () => {} };

/** Opens what they say; null where they say nothing. Rejects with UserError. */
export async function openCalibrationArgument(values: CalibrationValues): Promise<OpenCalibration | null> {
  const said = (Object.keys(KINDS) as Source[]).filter((key) => values[key] !== undefined);
  const recipe = values["activations-recipe"];
  if (said.length === 0) {
    if (recipe === undefined) return null;
    throw new UserError(
      "--activations-recipe needs activations to measure on: name them with --activations or --calibration.",
    );
  }
  // Told before anything is read.
  if (recipe !== undefined) parseActivations(recipe);
  const [key, other] = said;
  if (other !== undefined) throw new UserError(`--${key} and --${other} exclude each other: there is one calibration.`);
  const path = values[key]!;
  if (key === "activations" && path.startsWith(SYNTHETIC)) {
    return openSynthetic(parseSynthetic(path.slice(SYNTHETIC.length)));
  }
  const files = await openFilesAt(path);
  const closeFiles = () => Promise.all(files.map((file) => file.close()));
  try {
    const opened = await openCalibration(files, KINDS[key], basename(path), control.signal);
    return {
      ...opened,
      close() {
        opened.close();
        void closeFiles();
      },
    };
  } catch (error) {
    await closeFiles();
    throw error;
  }
}

/** The calibration of a weight. Of one that was named whatever is missing rejects; `several` go without where it has nothing of them. */
export async function inputsOf(
  calibration: OpenCalibration | null,
  weight: { name: string; cols: number },
  several: boolean,
): Promise<Inputs> {
  if (!calibration) return noInputs;
  if (several) return inputsAmongMany(calibration, weight, control);
  return { calibration: await calibration.of(weight, control), why: null };
}
