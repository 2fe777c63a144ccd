/** The notation's names on the page: its first figures have few, so the rest comes a little later, in a piece of its own. */
import { useSyncExternalStore } from "react";
import { arrivals, maySayMore, whenNamesCome } from "../../kernels/grammar/arrivals.ts";
import { loadVocabulary } from "../../kernels/notation/load.ts";
import { isIdle } from "./busy.ts";

const LATER_MS = 2000;
const TOUCHED = ["pointerdown", "keydown", "focusin"] as const;

/** Draws again when names come; another number then. */
export const useArrivals = (): number => useSyncExternalStore(whenNamesCome, arrivals, arrivals);

/** Waits for all names where a text with which the page begins may use them; else has them loaded when somebody is there, or soon. */
export async function vocabularyFor(start: string): Promise<void> {
  if (maySayMore(start)) return loadVocabulary();
  const load = () => {
    for (const event of TOUCHED) removeEventListener(event, load, true);
    void loadVocabulary();
  };
  for (const event of TOUCHED) addEventListener(event, load, true);
  const whenIdle = () => setTimeout(isIdle() ? load : whenIdle, LATER_MS);
  addEventListener("load", whenIdle);
}
