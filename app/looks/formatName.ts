/** What the format of a recipe is called, where formats are told apart. */
import { vocabulary } from "../../kernels/notation/vocabulary.ts";

const aliases = new Set(vocabulary.aliases.map(({ name }) => name));

/**
 * The name of a canonical recipe's format: the alias that it is written by (`mxfp4`, also as `mxfp4~mx(even)`), which is
 * more than its elements, else its base with the arguments that make it another format. `steps` and `base` are the
 * recipe's parts.
 */
export function formatNameOf(text: string, { steps, base }: { steps: string; base: string }): string {
  const quantizer = steps !== "none" && text.startsWith(`${steps}+`) ? text.slice(steps.length + 1) : text;
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(quantizer)?.[0] ?? "";
  return aliases.has(name) ? name : base;
}
