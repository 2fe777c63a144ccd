import { useCallback, useEffect, useRef, useState } from "react";

/**
 * A value that a gesture changes many times a second and its owner hears of once the gesture rests, so that one gesture
 * is one step of undo. Whatever the owner sets replaces it.
 */
export function useLive<T>(
  owned: T,
  commit: (value: T) => void,
  rest = 200,
): [value: T, move: (value: T) => void, set: (value: T) => void] {
  const [live, setLive] = useState({ owned, value: owned });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  if (live.owned !== owned) setLive({ owned, value: owned });
  const set = useCallback((value: T) => {
    clearTimeout(timer.current);
    setLive((l) => ({ ...l, value }));
    latest.current(value);
  }, []);
  const move = useCallback(
    (value: T) => {
      setLive((l) => ({ ...l, value }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => latest.current(value), rest);
    },
    [rest],
  );
  return [live.owned === owned ? live.value : owned, move, set];
}
