/** Long work of the page's own thread, done in slices between which it stays able to answer. */
import { useEffect, useMemo, useRef, useState } from "react";
import { begin } from "../state/busy.ts";

/** Work that stops now and then; its result comes with the last step. */
export type Steps<T> = Generator<undefined, T>;

/** Half a frame: what is left is the browser's. */
const SLICE_MS = 8;

export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The result of the latest steps: at once, or in slices where `inSlices` says that they are many. Meanwhile the result
 * before is given; `null` while there was none.
 * @param make the same function for the same work
 */
export function useSteps<T>(make: () => Steps<T>, inSlices: boolean): T | null {
  const whole = useMemo(() => (inSlices ? null : finish(make())), [make, inSlices]);
  const [sliced, setSliced] = useState<{ value: T } | null>(null);
  const before = useRef<T | null>(null);
  useEffect(() => {
    if (!inSlices) return;
    setSliced(null);
    const steps = make();
    const end = begin();
    let timer = setTimeout(function go() {
      const until = performance.now() + SLICE_MS;
      let step = steps.next();
      while (!step.done && performance.now() < until) step = steps.next();
      if (!step.done) timer = setTimeout(go);
      else {
        setSliced({ value: step.value });
        end();
      }
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [make, inSlices]);
  const value = inSlices ? (sliced?.value ?? before.current) : whole;
  useEffect(() => {
    before.current = value;
  }, [value]);
  return value;
}
