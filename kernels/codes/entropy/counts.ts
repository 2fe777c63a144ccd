import { entropy } from "../../exact/entropy.ts";

/** To the nearest whole number, ties to even. */
export function nearestWhole(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/** Bits a code that a coder which knows how often each occurs needs on the average. */
export function entropyOf(codes: Int32Array): number {
  const counts = countsOf(codes);
  return entropy(counts);
}

/** How often each code from the least to the largest occurs, or, where they lie too far apart, each that does occur. */
export function countsOf(codes: Int32Array): Uint32Array {
  let [least, most] = [Infinity, -Infinity];
  for (const code of codes) {
    if (code < least) least = code;
    if (code > most) most = code;
  }
  if (codes.length === 0) return new Uint32Array(1);
  if (most - least < 2 ** 18) {
    const counts = new Uint32Array(most - least + 1);
    for (const code of codes) counts[code - least]++;
    return counts;
  }
  const found = new Map<number, number>();
  for (const code of codes) found.set(code, (found.get(code) ?? 0) + 1);
  return Uint32Array.from(found.values());
}

/** What bits are that no code of a fixed length takes. */
export const byEntropy = (bitsPerWeight: number) => ({
  what: "codes, by their entropy: as an ideal coder would store them",
  bitsPerWeight,
});

/** Codes as they are shown: whole numbers from 0 on. */
export function shifted(codes: Int32Array): {
  codes: Uint32Array;
  least: number;
  counts: Uint32Array | null;
  codeBits: number;
} {
  let [least, most] = [0, 0];
  for (const code of codes) {
    if (code < least) least = code;
    if (code > most) most = code;
  }
  const span = most - least + 1;
  const counts = span <= 2 ** 16 ? new Uint32Array(span) : null;
  const out = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = codes[i] - least;
  if (counts) for (const code of out) counts[code]++;
  return { codes: out, least, counts, codeBits: Math.max(1, Math.ceil(Math.log2(span))) };
}
