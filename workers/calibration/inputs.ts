import type { Calibration } from "../../kernels/calibration/index.ts";
import type { JobControl } from "../pace/pace.ts";
import type { Inputs } from "../runs/inputs.ts";
import type { OpenCalibration, Weight } from "./open.ts";

/**
 * What is known of the inputs of one weight among many: those of which the calibration has nothing, or which are of another width than
 * the only array there is, go without, with the reason.
 */
export async function inputsAmongMany(
  calibration: OpenCalibration,
  weight: Weight,
  control: JobControl,
): Promise<Inputs> {
  const { label } = calibration.info;
  if (!calibration.has(weight.name)) {
    return { calibration: null, why: `${label} has nothing of the inputs of this tensor` };
  }
  const found: Calibration = await calibration.of(weight, control);
  if (found.cols === weight.cols) return { calibration: found, why: null };
  return {
    calibration: null,
    why: `${label} is of inputs with ${found.cols} channels, and not used for this tensor of ${weight.cols}`,
  };
}
