import { RecipeError } from "../../kernels/grammar/errors.ts";

/** A failure as the one line that a person reads: a recipe's mistake with its column. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const where = error instanceof RecipeError && error.column !== null ? `recipe, column ${error.column}: ` : "";
  return (where + plain(error, message)).replace(/\s*\n\s*/g, " ");
}

/** Node's parser of arguments goes on after the fault to tell how `--` works. */
function plain(error: unknown, message: string): string {
  const code = (error as { code?: unknown } | null)?.code;
  const isUsage = typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_");
  return isUsage ? `${message.split(". ")[0].replace(/\.$/, "")}.` : message;
}
