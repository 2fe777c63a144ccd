/** Comparators of Batcher's odd-even merge sort (1968) for n values, n a power of two. */
export function comparators(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let p = 1; p < n; p *= 2) {
    for (let k = p; k >= 1; k /= 2) {
      for (let j = k % p; j + k < n; j += 2 * k) {
        for (let i = 0; i < k; i++) {
          const [a, b] = [i + j, i + j + k];
          if (b < n && Math.floor(a / (2 * p)) === Math.floor(b / (2 * p))) pairs.push([a, b]);
        }
      }
    }
  }
  return pairs;
}

/** Sorts variables in ascending order. */
export const sortWgsl = (names: readonly string[]): string =>
  comparators(names.length)
    .map(([i, j]) => {
      const [a, b] = [names[i], names[j]];
      return `{ let least = min(${a}, ${b}); ${b} = max(${a}, ${b}); ${a} = least; }`;
    })
    .join("\n  ");

/** Sorts an array of RUN elements in ascending order, shortly written. */
export const sortLoopWgsl = (array: string): string => /* wgsl */ `
    for (var i = 1u; i < RUN; i++) {
      let x = ${array}[i];
      var j = i;
      for (; j > 0u && ${array}[j - 1u] > x; j--) { ${array}[j] = ${array}[j - 1u]; }
      ${array}[j] = x;
    }`;

/**
 * Adds to a counter for how many of the variables a condition holds, which holds for none after one for which it does not.
 * Mostly it holds for none of them or a few.
 */
export function countWgsl(counter: string, names: readonly string[], holds: (name: string) => string): string {
  if (names.length === 0) return "";
  const [four, rest] = [names.slice(0, 4), names.slice(4)];
  const ones = four.map((name) => `select(0u, 1u, ${holds(name)})`);
  return `if (${holds(four[0])}) { ${counter} += ${ones.join(" + ")}; ${countWgsl(counter, rest, holds)} }`;
}
