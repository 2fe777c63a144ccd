/**
 * What concerns the smallest or largest values of a sorted run only: the lines go on, four values at a time, until one does
 * not belong. In a compact shader they are loops over the whole run.
 */
import { forAll, type RunText } from "./run.ts";

function tail(names: readonly string[], belongs: (x: string) => string, lines: (x: string) => string): string {
  if (names.length === 0) return "";
  const [four, rest] = [names.slice(0, 4), names.slice(4)];
  return `if (${belongs(four[0])}) { ${four.map(lines).join(" ")} ${tail(rest, belongs, lines)} }`;
}

const upper = (run: RunText, belongs: (x: string) => string, lines: (x: string) => string): string =>
  run.compact ? forAll(run, lines) : tail(run.names.toReversed(), belongs, lines);

/**
 * Adds to the errors what values are beyond the limits for which they were taken: how far, where that is positive. It is for
 * none smaller than one that does not belong.
 */
export const addBeyond = (run: RunText, belongs: (x: string) => string, beyond: (x: string) => string): string =>
  upper(
    run,
    belongs,
    (x) => `{ let e = max(${beyond(x)}, 0.0); squares = fma(e, e, squares); errors += e; top = max(top, e); }`,
  );

/** Counts the values for which a condition holds; for none smaller than one that does not belong. */
export const countLargest = (
  counter: string,
  run: RunText,
  belongs: (x: string) => string,
  holds: (x: string) => string = belongs,
): string => upper(run, belongs, (x) => `${counter} += select(0.0, 1.0, ${holds(x)});`);

/** Counts values up to a limit, which is not negative. */
export function countUpTo(counter: string, run: RunText, limit: string): string {
  const add = (x: string) => `${counter} += 1.0 - saturate(fma(${x}, beyond.x, beyond.y));`;
  const lines = run.compact ? forAll(run, add) : tail(run.names, (x) => `${x} <= ${limit}`, add);
  return `if (${run.names[0]} <= ${limit}) { let beyond = beyond_of(${limit}); ${lines} }`;
}
