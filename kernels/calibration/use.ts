import type { Calibration, CalibrationSource } from "./types.ts";

/** What stands beside figures that used a calibration: where it comes from, and over how many tokens it is. */
export interface CalibrationUse extends CalibrationSource {
  /** `null` where its file does not tell. */
  tokens: number | null;
}

export const usedOf = ({ source, tokens }: Calibration): CalibrationUse => ({ ...source, tokens });
