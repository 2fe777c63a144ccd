/** Which rows of a long list are on the screen. All rows have one height, so that nothing has to be measured. */
import { type RefObject, useLayoutEffect, useState } from "react";

export interface FixedRow {
  index: number;
  /** Pixels from the top of the list. */
  start: number;
  size: number;
}

export interface FixedRows {
  /** Those to draw: the ones in sight and some above and below. */
  items: FixedRow[];
  /** Height of the whole list in pixels. */
  total: number;
  /** Scrolls as little as brings a row into sight. */
  scrollTo(index: number): void;
}

interface Layout {
  count: number;
  height: number;
  /** Rows drawn beyond each edge. */
  overscan: number;
  /** Pixels above the first row that stay in sight: a heading. */
  before?: number;
}

export function useFixedRows(
  scroller: RefObject<HTMLElement | null>,
  { count, height, overscan, before = 0 }: Layout,
): FixedRows {
  const [seen, setSeen] = useState({ first: 0, last: -1 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list that was empty has a scroller only now
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const top = element.scrollTop - before;
      const first = Math.max(0, Math.floor(top / height));
      const last = Math.ceil((top + element.clientHeight) / height) - 1;
      setSeen((now) => (now.first === first && now.last === last ? now : { first, last }));
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, height, before, count]);

  const items: FixedRow[] = [];
  const end = Math.min(count, seen.last + 1 + overscan);
  for (let index = Math.max(0, Math.min(seen.first, count - 1) - overscan); index < end; index++) {
    items.push({ index, start: before + index * height, size: height });
  }
  return {
    items,
    total: before + count * height,
    scrollTo(index) {
      const element = scroller.current;
      if (!element) return;
      const top = index * height;
      const bottom = before + top + height - element.clientHeight;
      if (element.scrollTop > top) element.scrollTop = top;
      else if (element.scrollTop < bottom) element.scrollTop = bottom;
    },
  };
}
