import { useCallback, useRef, useState } from "react";

export interface Size {
  width: number;
  height: number;
}

/** Size in CSS pixels of the element that gets the returned ref, kept up to date. `initial` holds until it is laid out. */
export function useSize(initial: Size): [(element: HTMLElement | null) => void, Size] {
  const [size, setSize] = useState(initial);
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    observer.current = null;
    if (!element) return;
    const read = () => {
      const [width, height] = [Math.floor(element.clientWidth), Math.floor(element.clientHeight)];
      if (width > 0 && height > 0)
        setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    observer.current = new ResizeObserver(read);
    observer.current.observe(element);
    read();
  }, []);
  return [ref, size];
}
