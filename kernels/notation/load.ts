import { arrived } from "../grammar/arrivals.ts";

let there = false;

/** Whether the whole vocabulary has been loaded by `loadVocabulary`. */
export const vocabularyIsThere = (): boolean => there;

/** Loads what of the vocabulary is not there yet: a piece of its own in the page and its workers. Who waits for names hears when all have come. */
export async function loadVocabulary(): Promise<void> {
  await import("./all.ts");
  if (there) return;
  there = true;
  arrived();
}
