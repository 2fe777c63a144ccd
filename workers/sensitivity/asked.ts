import type { OriginText } from "../models/text/origin.ts";
import type { SensitivityRequest } from "./request.ts";

/** What is asked, with the text read. */
export interface SensitivityAsked extends Omit<SensitivityRequest, "source" | "text" | "calibration"> {
  text: OriginText;
}
