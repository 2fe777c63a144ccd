/** How each signal that runs a model is made, one line each. */
import type { SensitivityAsked } from "./asked.ts";
import type { DivergenceTools } from "./divergence.ts";
import type { Ground } from "./ground.ts";
import { eigenvalueMaker, traceMaker } from "./hessians.ts";
import { interactionMaker } from "./interactions.ts";
import { klMaker } from "./kl.ts";
import { fisherMaker, gradientMaker } from "./losses.ts";
import { relevanceMaker } from "./relevance.ts";
import type { ModelSignal } from "./request.ts";
import type { ScoreSheet } from "./sheet.ts";

export interface MakerTools extends DivergenceTools {
  asked: SensitivityAsked;
  sheet: ScoreSheet;
}

export interface SignalMaker {
  /** Windows through the network from end to end that it takes, beside the one of the model as it is; a backward pass counts as two. */
  passes(ground: Ground, asked: SensitivityAsked): number;
  /** Puts its scores on the sheet, and says how they were made in a sentence. */
  make(tools: MakerTools): Promise<string>;
}

export const makers: Record<ModelSignal, SignalMaker> = {
  kl: klMaker,
  gradient: gradientMaker,
  fisher: fisherMaker,
  lrp: relevanceMaker,
  trace: traceMaker,
  eigenvalue: eigenvalueMaker,
  interaction: interactionMaker,
};
