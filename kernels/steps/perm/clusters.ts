const MOST_ROUNDS = 100;

/**
 * Groups columns by their least and largest value with Lloyd's k-means, as RPTQ does, and ranks the groups by how far their centre
 * reaches: the result is one number a column, larger for louder groups. Starts from columns at equal steps of their reach, so that no
 * draw is needed; of two centres equally near the first is taken.
 */
export function clusterRanks({ min, max }: { min: Float32Array; max: Float32Array }, k: number): Float64Array {
  const cols = min.length;
  const reach = (c: number) => Math.max(max[c], -min[c]);
  const byReach = Array.from({ length: cols }, (_, c) => c).sort((a, b) => reach(a) - reach(b) || a - b);
  const count = Math.min(k, cols);
  let centres = Array.from({ length: count }, (_, i) => {
    const c = byReach[Math.floor(((i + 0.5) * cols) / count)];
    return { low: min[c] as number, high: max[c] as number };
  });
  const group = new Int32Array(cols).fill(-1);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let moved = false;
    for (let c = 0; c < cols; c++) {
      let [best, least] = [0, Infinity];
      centres.forEach(({ low, high }, i) => {
        const distance = (min[c] - low) ** 2 + (max[c] - high) ** 2;
        if (distance < least) [best, least] = [i, distance];
      });
      if (group[c] !== best) moved = true;
      group[c] = best;
    }
    if (!moved) break;
    const sums = centres.map(() => ({ low: 0, high: 0, count: 0 }));
    for (let c = 0; c < cols; c++) {
      const sum = sums[group[c]];
      sum.low += min[c];
      sum.high += max[c];
      sum.count++;
    }
    // A group that lost all its columns keeps its centre.
    centres = sums.map((sum, i) =>
      sum.count > 0 ? { low: sum.low / sum.count, high: sum.high / sum.count } : centres[i],
    );
  }
  const reaches = centres.map(({ low, high }) => Math.max(high, -low));
  const order = reaches.map((_, i) => i).sort((a, b) => reaches[a] - reaches[b] || b - a);
  return Float64Array.from(group, (g) => order.indexOf(g));
}
