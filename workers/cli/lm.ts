/** `lm MODEL`: perplexity of a text, and what model recipes do to it against the model as it is; with `--continue`, what it writes. */
import { parseArgs } from "node:util";
import { continueText } from "../lm/continue.ts";
import { evaluate } from "../lm/evaluate.ts";
import type { LmFigures } from "../lm/figures/index.ts";
import { NO_RECIPE } from "../lm/recipe.ts";
import type { LmAnswer, LmTensor, ModelRecipe, WindowResult } from "../lm/request.ts";
import { bytesArgument, wholeArgument } from "./amounts.ts";
import { CALIBRATION_OPTIONS, openCalibrationArgument } from "./calibration.ts";
import { continuationJson, continuationText, lmJson, lmText } from "./lm-text.ts";
import { deviceArgument, setupFor } from "./model-machine.ts";
import { TEXT_OPTIONS, textArgument } from "./model-text.ts";
import { MODULE_OPTIONS, openModules } from "./modules.ts";
import { jsonLine } from "./say.ts";
import { onlyFile, openArgument } from "./source.ts";

const USUAL_TOKENS = 512;
const USUAL_WRITTEN = 64;

export async function lm(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...TEXT_OPTIONS,
      recipe: { type: "string" },
      "recipe-b": { type: "string" },
      "activations-recipe-b": { type: "string" },
      "kv-recipe": { type: "string" },
      "kv-recipe-b": { type: "string" },
      windows: { type: "string" },
      tokens: { type: "string" },
      stride: { type: "string" },
      seed: { type: "string" },
      continue: { type: "string" },
      device: { type: "string" },
      budget: { type: "string" },
      define: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      ...MODULE_OPTIONS,
      ...CALIBRATION_OPTIONS,
    },
  });
  const { json } = values;
  const device = deviceArgument(values.device);
  const a = recipeOf(values.recipe, values["activations-recipe"], values["kv-recipe"]);
  const b = recipeOf(values["recipe-b"], values["activations-recipe-b"], values["kv-recipe-b"]);
  const modules = await openModules(values.wasm, values.define);
  const source = await openArgument(onlyFile("lm", positionals));
  const control = { signal: new AbortController().signal, progress: sayProgress };
  // Recipes for activations are judged by what the model makes of them: no calibration is asked for on their account.
  const { "activations-recipe": _, ...known } = values;
  const calibration = await openCalibrationArgument(known);
  const { setup, end } = await setupFor(source, device, calibration);
  try {
    const asked = {
      a,
      b,
      definitions: modules.definitions,
      device,
      budget: bytesArgument("--budget", values.budget, null),
    };
    if (values.continue !== undefined) {
      const tokens = wholeArgument("--tokens", values.tokens, null) ?? USUAL_WRITTEN;
      const written = await continueText(
        setup,
        { ...asked, prompt: values.continue, tokens },
        { ...control, give() {} },
      );
      endProgress();
      process.stdout.write(json ? jsonLine(continuationJson(written, a, b)) : continuationText(written));
      return;
    }
    const read = await textArgument(values, source, "judge");
    const range = values.characters === undefined ? "" : `, characters ${read.from} to ${read.to}`;
    const text = { ...read, label: `${read.label}${range}` };
    const { positions } = setup.model.architecture;
    const tokens = wholeArgument("--tokens", values.tokens, null) ?? Math.min(USUAL_TOKENS, positions ?? USUAL_TOKENS);
    const seed = wholeArgument("--seed", values.seed, 0, 0);
    const windows: WindowResult[] = [];
    const tensors: LmTensor[] = [];
    const spec = {
      tokens,
      stride: wholeArgument("--stride", values.stride, null) ?? tokens,
      most: wholeArgument("--windows", values.windows, null),
      seed,
    };
    const answer = await evaluate(
      setup,
      { ...asked, text, windows: spec },
      {
        ...control,
        give(part) {
          if (part.part === "window") windows.push(part.window);
          if (part.part === "tensor") tensors.push(part.tensor);
        },
      },
    );
    endProgress();
    answer.notes.push(...setup.model.notes, ...modules.notes);
    write({ answer, figures: answer.figures, tensors, windows }, source.info.label, json);
  } finally {
    endProgress();
    await end();
    calibration?.close();
    source.close();
  }
}

export interface LmRun {
  answer: LmAnswer;
  figures: LmFigures;
  tensors: LmTensor[];
  windows: WindowResult[];
}

function write(run: LmRun, model: string, json: boolean): void {
  process.stdout.write(json ? jsonLine(lmJson(run, model)) : lmText(run, model));
}

/** Null where nothing is said of a side. */
function recipeOf(weights?: string, activations?: string, cache?: string): ModelRecipe | null {
  if ((weights ?? activations ?? cache) === undefined) return null;
  return {
    ...NO_RECIPE,
    ...(weights !== undefined && { weights }),
    ...(activations !== undefined && { activations }),
    ...(cache !== undefined && { cache }),
  };
}

/** How far it is, for people who wait: on a terminal alone, one line that is written over. */
function sayProgress({ done, total, unit, phase }: { done: number; total: number; unit: string; phase: string }): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${phase === unit ? "" : `${phase}: `}${Math.floor(done)} of ${total} ${unit}`);
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}
