/** Whether a cost grows as its input does: processor time of the same work in the same run, the least of several on each side. */

/** Milliseconds that this process had a processor: other programs, which take turns with long work, do not count. */
const used = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const least = (work: () => unknown, times: number): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = used();
    work();
    best = Math.min(best, used() - start);
  }
  return best;
};

/**
 * How many times longer work takes on an input `factor` times as long: about `factor` where it is linear, its square where
 * it is quadratic. The least time of several tries, since other programs only ever add to one.
 */
export function growth(work: (size: number) => () => unknown, size: number, factor = 16): number {
  const [small, large] = [work(size), work(size * factor)];
  small();
  large();
  return least(large, 6) / least(small, 12);
}

/** Between a cost that is linear and one that is quadratic, for the usual factor of sixteen. */
export const LINEAR = 64;
