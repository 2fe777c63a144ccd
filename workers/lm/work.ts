/** A run of text through a model: made ready, and what the ways of running it share. */
import type { Tokenizer } from "../models/model.ts";
import { deviceOf, runnable } from "../models/runnable.ts";
import { type OriginText, originIn, overlapNote } from "../models/text/origin.ts";
import { tokensOf } from "../models/text/tokens.ts";
import { type CutText, cutText, type TextWindow, type WindowsSpec } from "../models/text/windows.ts";
import { type JobControl, pacer } from "../pace/pace.ts";
import { benchOf, type LmBench } from "./bench.ts";
import type { JudgedBase } from "./judge.ts";
import { planOf } from "./plan.ts";
import type { LmPart, LmPlan, LmRequest, WindowResult, WindowSide } from "./request.ts";
import type { LmSetup } from "./setup.ts";
import { RecipeSide } from "./side.ts";

/** What is asked, with the text read. */
export interface Asked extends Pick<LmRequest, "a" | "b" | "definitions" | "device" | "budget"> {
  text: OriginText;
  windows: WindowsSpec;
}

export interface LmControl extends JobControl {
  give(part: LmPart): void;
}

/** A run under way: what the two ways of running it share. */
export interface Work {
  setup: LmSetup;
  bench: LmBench;
  tokenizer: Tokenizer;
  cut: CutText;
  /** Names text and windows among all there may be of the model. */
  textKey: string;
  sides: RecipeSide[];
  plan: LmPlan;
  control: LmControl;
  pace: () => Promise<void>;
  /** Windows that were given already. */
  given: Map<number, WindowResult>;
  /** Gives a window's figures, those of `sides` in their order. */
  finish(window: TextWindow, base: JudgedBase, sides: readonly WindowSide[]): void;
  /** Tells of windows done, whole or in part. */
  progress(done: number, phase: string): void;
  /** Says again what is left, once it is known how long a window takes. */
  foretell(): void;
}

/** Makes a run ready. Rejects with UserError or RecipeError for whatever makes no sense. */
export async function prepare(setup: LmSetup, asked: Asked, control: LmControl): Promise<Work> {
  const { model, runs, backends, calibration } = setup;
  const tokenizer = runnable(model);
  const { text, windows, definitions } = asked;
  const ids = await tokensOf(tokenizer, text.text, control.signal);
  const cut = cutText(ids, windows, model.architecture);
  const bench = benchOf(model, runs);
  const makings = { model, weights: bench.weights, backends, calibration };
  const sides = (["a", "b"] as const).flatMap((side) => {
    const recipe = asked[side];
    return recipe ? [new RecipeSide(side, recipe, definitions, makings, control.signal)] : [];
  });
  const origin = calibration && originIn(calibration.open.info.metadata ?? {});
  const [start] = tokenizer.start === null ? [] : tokenizer.pieces([tokenizer.start]);
  const options = {
    ...{ model, cut, tokens: ids.length, sides, bench, budget: asked.budget },
    device: await deviceOf(asked.device, backends),
    text: `${text.label}${start === undefined ? "" : `, ${start} first`}`,
    overlap: origin && overlapNote(text, origin),
  };
  const plan = planOf(options);
  const given = new Map<number, WindowResult>();
  const work: Work = {
    ...{ setup, bench, tokenizer, cut, sides, plan, control, given, pace: pacer(control.signal) },
    textKey: JSON.stringify([text.document, text.from, text.to, windows.tokens, windows.stride]),
    finish(window, base, results) {
      const side = (which: "a" | "b") => results[sides.findIndex((one) => one.side === which)] ?? null;
      const { index, first, targets } = window;
      const pieces = tokenizer.pieces(targets);
      const chosen = [...new Set([base, ...results].flatMap(({ choices }) => [...choices.tokens]))];
      const texts = tokenizer.pieces(chosen);
      const result: WindowResult = {
        ...{ index, first, targets, pieces, ...base, a: side("a"), b: side("b") },
        chosen: new Map(chosen.map((token, i) => [token, texts[i]])),
      };
      given.set(index, result);
      control.give({ part: "window", window: result });
      work.progress(given.size, "windows");
    },
    progress: (done, phase) => control.progress({ done, total: cut.windows.length, unit: "windows", phase }),
    foretell() {
      control.give({ part: "plan", plan: planOf({ ...options, device: plan.device }) });
    },
  };
  return work;
}

/** What a run would take, and nothing else. */
export async function planEvaluation(setup: LmSetup, asked: Asked, control: JobControl): Promise<LmPlan> {
  return (await prepare(setup, asked, { ...control, give() {} })).plan;
}
