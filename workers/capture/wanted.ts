import { UserError } from "../errors/user-error.ts";
import type { Model, StoredMatrix } from "../models/model.ts";

/** Whether a name is of a pattern: `*` stands for any letters. */
function matcher(pattern: string): (name: string) => boolean {
  const escaped = pattern.trim().replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const expression = new RegExp(`^${escaped.replaceAll("*", ".*")}$`);
  return (name) => expression.test(name);
}

/**
 * Which weights' inputs are asked for: those of any of the patterns, or of all linear layers and of a head of its own (a tied one is the
 * embedding). Throws UserError for a pattern that names none of them.
 */
export function wantedBy(only: string | null, { parts }: Pick<Model, "parts">): (stored: StoredMatrix) => boolean {
  const linear = [...parts.values()].filter(({ part }) => part.linear);
  const names = new Set(linear.map(({ stored }) => stored.tensor));
  if (only === null) return ({ tensor }) => names.has(tensor);
  const patterns = only.split(",").map((text) => ({ text, matches: matcher(text) }));
  for (const { text, matches } of patterns) {
    if ([...names].some(matches)) continue;
    const some = [...names].slice(0, 3).join(", ");
    throw new UserError(`No linear layer of the model is named "${text.trim()}". There are ${some} ...`);
  }
  return ({ tensor }) => names.has(tensor) && patterns.some(({ matches }) => matches(tensor));
}
