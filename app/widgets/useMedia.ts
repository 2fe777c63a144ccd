/** What kind of screen and pointer there is, as it changes. */
import { useSyncExternalStore } from "react";

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}

/** One column: a phone, or a window as narrow as one. */
export const useNarrow = (): boolean => useMedia("(max-width: 859px)");
/** A small window or frame: the tensors beside one column of charts two wide, which scrolls. */
export const useMedium = (): boolean => useMedia("(max-width: 1199px)");
/** A thumb rather than a mouse. */
export const useCoarsePointer = (): boolean => useMedia("(pointer: coarse)");
