/** Whether a canonical recipe is one that an engine runs, by its text alone. */
import type { FormatRule, Runtime } from "./types.ts";

interface QuantizerText {
  base: string;
  options: string[];
  block: string;
  scale: string;
}

/** The text cut where a character stands outside of parentheses. */
function cut(text: string, at: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (text[i] === at && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** Its name, and what stands in the parentheses behind it. */
function call(text: string): { name: string; args: string[] } {
  const open = text.indexOf("(");
  if (open < 0) return { name: text, args: [] };
  return { name: text.slice(0, open), args: cut(text.slice(open + 1, -1), ",") };
}

/** `base(options)@rounding/block~rule:scale`, without rounding and rule, which are in the codes. */
function read(text: string): QuantizerText {
  const [first, ...scales] = cut(text, ":");
  const [withoutRule] = cut(first, "~");
  const [element, block = ""] = cut(withoutRule, "/");
  const { name, args } = call(cut(element, "@")[0]);
  return { base: name, options: args, block, scale: scales.join(":") };
}

const takes = ({ bases, options = [], blocks, scales }: FormatRule, text: QuantizerText): boolean =>
  bases.includes(text.base) &&
  text.options.every((option) => options.includes(option)) &&
  blocks.includes(text.block) &&
  scales.includes(text.scale);

/** Why an engine does not run a canonical recipe, as a clause; null where it does. */
export function refusal(
  { title, formats, steps }: Pick<Runtime, "title" | "formats" | "steps">,
  recipe: string,
): string | null {
  const parts = cut(recipe, "+");
  const quantizers = parts.filter((part) => !steps.includes(call(part).name));
  if (quantizers.length === 0) return `${title} runs no ${recipe}`;
  const known = quantizers.filter((part) => formats.some((rule) => takes(rule, read(part))));
  const odd = quantizers.find((part) => !known.includes(part));
  if (odd !== undefined) return `${title} has nothing that runs ${odd}`;
  return known.length === 1 ? null : `${title} runs one quantizer, and ${recipe} has ${known.length}`;
}
