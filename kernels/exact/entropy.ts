/** Shannon entropy of a histogram, in bits; 0 for an empty one. */
export function entropy(counts: Uint32Array): number {
  let total = 0;
  for (const n of counts) total += n;
  let h = 0;
  for (const n of counts) if (n > 0) h -= (n / total) * Math.log2(n / total);
  return h;
}
