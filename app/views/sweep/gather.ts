/** Gathers what comes in many small pieces, so that the page draws it a few times a second and not with every piece. */
const EVERY_MS = 100;
/** What many items cost to be drawn: it must leave the page, and the workers beside it, time for other things. */
const MS_AN_ITEM = 1 / 8;
const MOST_MS = 500;

export interface Gathered<T> {
  add(items: readonly T[]): void;
  /** Hands over what is waiting. */
  flush(): void;
}

/** The first items are handed over at once, later ones together, a tenth of a second after the ones before, or more where there are many. */
export function gather<T>(give: (items: T[]) => void): Gathered<T> {
  let waiting: T[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let given = 0;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    given += items.length;
    give(items);
  };
  const later = () => {
    const any = waiting.length > 0;
    flush();
    if (any) timer = setTimeout(later, Math.min(MOST_MS, EVERY_MS + given * MS_AN_ITEM));
  };
  return {
    add(items) {
      waiting.push(...items);
      if (timer === null) later();
    },
    flush,
  };
}
