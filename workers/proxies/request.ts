/** Proxies of a model that is open, judged by scores that were measured of it: plain data. */
import type { Evolved } from "../../kernels/signals/emq/evolve.ts";
import type { ScoreFile, SignalScores } from "../scores/types.ts";
import type { SensitivityRequest } from "../sensitivity/request.ts";

export interface ProxiesRequest extends Pick<SensitivityRequest, "source" | "text" | "windows" | "device" | "budget"> {
  /** With a signal by recipes whose values add up: what configurations truly cost. */
  scores: ScoreFile;
  /** The signal that proxies are judged by: usual is measured KL, `kl`. */
  truth: string;
  /** Configurations drawn: a recipe for each tensor; usual: 2000. */
  configurations?: number;
  /** Children made; usual: the paper's 1000. */
  generations?: number;
  seed: number;
}

export interface ProxiesAnswer {
  evolved: Evolved;
  /** Tensors that took part, in the order of the scores, and those that did not, with the reason. */
  tensors: string[];
  leftOut: { tensor: string; why: string }[];
  /** What the evolved formula says of each tensor under each recipe of the scores: less is better, only differences and ranks mean something. */
  signal: SignalScores;
  /** What configurations were judged by, in a sentence. */
  about: string;
}

export const USUAL_CONFIGURATIONS = 2000;
