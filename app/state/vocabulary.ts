/** The notation's names on the page: its first figures have few, so the rest comes a little later, in a piece of its own. */
import { useSyncExternalStore } from "react";
import { arrivals, arrived, maySayMore, whenNamesCome } from "../../kernels/grammar/arrivals.ts";
import { loadVocabulary, vocabularyIsThere } from "../../kernels/notation/load.ts";
import { isIdle, track } from "./busy.ts";

const LATER_MS = 2000;
const LOOK_MS = 250;
const TOUCHED = ["pointerdown", "keydown", "focusin"] as const;

/** Draws again when names come; another number then. */
export const useArrivals = (): number => useSyncExternalStore(whenNamesCome, arrivals, arrivals);

let failed = false;

/** Asks for all names; where they cannot be had, a text that waits for them is read with those there are. */
const ask = () =>
  loadVocabulary().catch(() => {
    failed = true;
    arrived();
  });

/**
 * Whether a text may use names that are still on their way, and asks for them: until then nobody can say that it has a mistake.
 * `useArrivals` draws again when they have come.
 */
export function awaitsNames(text: string): boolean {
  if (vocabularyIsThere() || failed || !maySayMore(text)) return false;
  void ask();
  return true;
}

/** Goes on at once where a text needs no more names than there are; else when they have come. */
export function withNames(text: string, go: () => void): void {
  if (vocabularyIsThere() || !maySayMore(text)) go();
  else void track(loadVocabulary()).finally(go);
}

/** Waits for all names where a text with which the page begins may use them; else has them loaded when somebody is there, or soon. */
export async function vocabularyFor(start: string): Promise<void> {
  if (maySayMore(start)) return loadVocabulary();
  const load = () => {
    for (const event of TOUCHED) removeEventListener(event, load, true);
    void loadVocabulary();
  };
  for (const event of TOUCHED) addEventListener(event, load, true);
  // First figures have gaps between their pieces: only rest that lasts says that they are there.
  let rest = 0;
  const look = () => {
    rest = isIdle() ? rest + LOOK_MS : 0;
    if (rest >= LATER_MS) load();
    else setTimeout(look, LOOK_MS);
  };
  addEventListener("load", () => setTimeout(look, LOOK_MS));
}
