/** Numbers of layers and experts as patterns and as parts of regular expressions. */

import { addTo } from "./lists.ts";

/**
 * Patterns with `?` for any digit that match exactly these numbers among all of `universe` with as many digits: a decade that is whole is
 * one pattern.
 */
export function patternsOf(numbers: readonly string[], universe: readonly string[]): string[] {
  const wanted = new Set(numbers);
  const lengths = [...new Set(numbers.map((number) => number.length))].sort((a, b) => a - b);
  return lengths.flatMap((length) => {
    const among = universe.filter((number) => number.length === length);
    return wholes("", length, among, wanted);
  });
}

function wholes(prefix: string, length: number, among: readonly string[], wanted: ReadonlySet<string>): string[] {
  const here = among.filter((number) => number.startsWith(prefix));
  const hits = here.filter((number) => wanted.has(number));
  if (hits.length === 0) return [];
  // One number is named as it is.
  if (here.length === 1 || prefix.length === length) return [hits[0]];
  if (hits.length === here.length) return [prefix + "?".repeat(length - prefix.length)];
  return [..."0123456789"].flatMap((digit) => wholes(prefix + digit, length, here, wanted));
}

/** A regular expression that matches these numbers and no others of at most as many digits: "(?:[0-3]|1[24]|20)". */
export function expressionOf(numbers: readonly number[]): string {
  const byTens = new Map<string, number[]>();
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const tens = String(number).slice(0, -1);
    addTo(byTens, tens, number % 10);
  }
  const parts = [...byTens].map(([tens, digits]) => tens + digitsOf(digits));
  return parts.length === 1 ? parts[0] : `(${parts.join("|")})`;
}

/** "7", "[24]", "[0-3]", "[0-37-9]". */
function digitsOf(digits: readonly number[]): string {
  if (digits.length === 1) return String(digits[0]);
  const runs: [first: number, last: number][] = [];
  for (const digit of digits) {
    const run = runs[runs.length - 1];
    if (run && run[1] === digit - 1) run[1] = digit;
    else runs.push([digit, digit]);
  }
  return `[${runs.map(([first, last]) => (last - first < 2 ? digitsBetween(first, last) : `${first}-${last}`)).join("")}]`;
}

const digitsBetween = (first: number, last: number): string => (first === last ? String(first) : `${first}${last}`);
