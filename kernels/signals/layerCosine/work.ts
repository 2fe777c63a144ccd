import { cosineOf } from "../inputs/layers.ts";
import { sumsOfCalibration } from "../inputs/statistics.ts";
import type { TensorSignal } from "../signal.ts";

export const work: TensorSignal = {
  of: "tensor",
  async value({ calibration, before }) {
    const [now, then] = [calibration, before].map((one) => one && sumsOfCalibration(one));
    return now && then ? cosineOf(now.sums, then.sums) : null;
  },
};
