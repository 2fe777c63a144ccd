import { inputStatistics, sumsOfCalibration } from "../inputs/statistics.ts";
import type { TensorSignal } from "../signal.ts";

export const work: TensorSignal = {
  of: "tensor",
  async value({ calibration }) {
    const sums = calibration && sumsOfCalibration(calibration);
    return (sums && inputStatistics(sums)?.total) ?? null;
  },
};
