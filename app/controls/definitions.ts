/** The experiment's named codebooks, read in their order: a later one may use those before it. */
import type { Definition } from "../../kernels/grammar/ast.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { messageOf } from "../state/notices.ts";

export interface ReadDefinitions {
  definitions: Definition[];
  /** One sentence for each text that is no definition. */
  problems: { text: string; message: string }[];
}

let last: { texts: readonly string[]; read: ReadDefinitions } | null = null;

/** Equal lists (the same array) give the same result, so that components may depend on it. */
export function readDefinitions(texts: readonly string[]): ReadDefinitions {
  if (last?.texts === texts) return last.read;
  const read: ReadDefinitions = { definitions: [], problems: [] };
  for (const text of texts) {
    try {
      read.definitions.push(parseDefinition(text, { definitions: read.definitions }));
    } catch (error) {
      read.problems.push({ text, message: messageOf(error) });
    }
  }
  last = { texts, read };
  return read;
}
