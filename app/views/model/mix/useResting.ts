/** A value that changes often, once it rests: for what takes longer than a slider should wait. */
import { useEffect, useState } from "react";
import { begin } from "../../../state/busy.ts";

/** The value as it is where `ms` is 0; else as it was when it had not changed for so long. */
export function useResting<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    if (ms === 0) return;
    const end = begin();
    const timer = setTimeout(() => {
      setRested(value);
      end();
    }, ms);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [value, ms]);
  return ms === 0 ? value : rested;
}

/** More tensors than are put in order, or into rules, between two frames. */
export const MANY = 4000;
