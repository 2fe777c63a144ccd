/** A recipe in other words: a command, a program, other tools' configurations. */
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import { pythonOf } from "../../kernels/python/index.ts";
import type { Side } from "../charts/types.ts";
import type { Experiment } from "../state/experiment.ts";
import { messageOf } from "../state/notices.ts";
import { commandOf } from "./command.ts";

export interface CodeText {
  id: string;
  label: string;
  /** `null` where there is none; the notes say why. */
  text: string | null;
  notes: readonly string[];
}

/** Everything a recipe can be copied as. */
export function codeTexts(experiment: Experiment, tensor: string | null, side: Side): CodeText[] {
  return [command(experiment, tensor, side), python(experiment, side)];
}

function command(experiment: Experiment, tensor: string | null, side: Side): CodeText {
  return { id: "command", label: "Command line", ...commandOf(experiment, tensor, side) };
}

function python({ definitions, ...experiment }: Experiment, side: Side): CodeText {
  const head = { id: "python", label: "Python (NumPy)" };
  try {
    const known = definitions.map((text) => parseDefinition(text));
    const text = pythonOf(parseRecipe(experiment[side], { definitions: known }), known);
    return {
      ...head,
      text,
      notes: ["needs NumPy alone; it reads an npy file and gives the same codes, scales and results"],
    };
  } catch (error) {
    return { ...head, text: null, notes: [messageOf(error)] };
  }
}
