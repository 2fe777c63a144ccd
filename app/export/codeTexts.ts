/** A recipe in other words: a command, a program, other tools' configurations. */
import { configsOf } from "../../kernels/configs/index.ts";
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import { pythonOf } from "../../kernels/python/index.ts";
import type { Side } from "../charts/types.ts";
import type { Command } from "../page/view.ts";
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

/** Everything that the recipe of a side, or what the view on the screen asks for, can be copied as. The command is there whatever the recipe says. */
export function codeTexts(
  experiment: Experiment,
  tensor: string | null,
  side: Side,
  asked: Command | null = null,
): CodeText[] {
  const command = { id: "command", label: "Command line", ...commandOf(experiment, tensor, side, asked) };
  try {
    const definitions = experiment.definitions.map((text) => parseDefinition(text));
    const recipe = parseRecipe(experiment[side], { definitions });
    return [command, python(recipe, definitions), ...configs(recipe, definitions)];
  } catch (error) {
    return [{ ...command, notes: [...command.notes, messageOf(error)] }];
  }
}

function python(recipe: Recipe, definitions: readonly Definition[]): CodeText {
  const head = { id: "python", label: "Python (NumPy)" };
  try {
    const notes = ["a program that needs NumPy alone and gives the same codes, scales and results for an npy file"];
    return { ...head, text: pythonOf(recipe, definitions), notes };
  } catch (error) {
    return { ...head, text: null, notes: [messageOf(error)] };
  }
}

function configs(recipe: Recipe, definitions: readonly Definition[]): CodeText[] {
  return configsOf(recipe, definitions).map(({ target, text, exact, note }) => {
    const how = exact
      ? "does what the recipe says"
      : text === null
        ? "cannot do this"
        : "comes near, and is not the same";
    return { id: target, label: target, text, notes: [`${target} ${how}: ${note}`] };
  });
}
