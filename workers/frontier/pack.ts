/**
 * The allocations of many points of a frontier in few bytes, so that the page has each of them at hand without asking a worker: from
 * point to point only a few items change. Every so many points stands a whole one.
 */

export interface PackedChoices {
  items: number;
  points: number;
  /** From one whole point to the next. */
  stride: number;
  /** Whole points one after the other, items each: a choice, or -1. */
  whole: Int16Array;
  /** By point: where its changes begin; one more than points. */
  from: Uint32Array;
  /** Which items change, and to what. */
  item: Uint32Array;
  choice: Int16Array;
}

/** Numbers that whole points may take together. */
const MOST_WHOLE = 2 ** 23;

/** A list of numbers that grows. */
class Growing<A extends Uint32Array<ArrayBuffer> | Int16Array<ArrayBuffer>> {
  length = 0;
  constructor(
    private array: A,
    private readonly make: (size: number) => A,
  ) {}
  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = this.make(2 * this.length);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }
  done = (): A => this.array.slice(0, this.length) as A;
}

/**
 * Packs `points` allocations of `items` items. `at` gives one: its array may be used again for the next.
 *
 * @param pace called after each point; may throw to cancel
 */
export async function packChoices(
  items: number,
  points: number,
  at: (point: number) => ArrayLike<number>,
  pace: (point: number) => Promise<void> = async () => {},
): Promise<PackedChoices> {
  const wholes = Math.max(1, Math.min(points, Math.ceil(points / 32), Math.floor(MOST_WHOLE / Math.max(1, items))));
  const stride = Math.max(1, Math.ceil(points / wholes));
  const whole = new Int16Array(items * Math.ceil(points / stride));
  const from = new Uint32Array(points + 1);
  const item = new Growing(new Uint32Array(1024), (size) => new Uint32Array(size));
  const choice = new Growing(new Int16Array(1024), (size) => new Int16Array(size));
  const now = new Int16Array(items);
  for (let p = 0; p < points; p++) {
    const next = at(p);
    from[p] = item.length;
    if (p % stride === 0) {
      for (let i = 0; i < items; i++) now[i] = next[i];
      whole.set(now, (p / stride) * items);
    } else {
      for (let i = 0; i < items; i++) {
        if (now[i] === next[i]) continue;
        now[i] = next[i];
        item.push(i);
        choice.push(next[i]);
      }
    }
    await pace(p);
  }
  from[points] = item.length;
  return { items, points, stride, whole, from, item: item.done(), choice: choice.done() };
}

/** What each item gets at a point. */
export function choicesAt({ items, stride, whole, from, item, choice }: PackedChoices, point: number): Int32Array {
  const first = Math.floor(point / stride);
  const out = Int32Array.from(whole.subarray(first * items, (first + 1) * items));
  // A whole point has no changes of its own.
  for (let k = from[first * stride]; k < from[point + 1]; k++) out[item[k]] = choice[k];
  return out;
}

/**
 * Which of many points are kept: all where they are few, else for each of `most` budgets at even distances the one that it allows, the
 * first and the last among them.
 *
 * @param bits rising
 */
export function keptPoints(bits: Float64Array, most: number): Uint32Array {
  if (bits.length <= most) return Uint32Array.from(bits, (_, i) => i);
  const [first, last] = [bits[0], bits[bits.length - 1]];
  const kept: number[] = [0];
  let at = 0;
  for (let k = 1; k < most; k++) {
    const budget = k === most - 1 ? last : first + ((last - first) * k) / (most - 1);
    while (at + 1 < bits.length && bits[at + 1] <= budget) at++;
    if (at !== kept[kept.length - 1]) kept.push(at);
  }
  return Uint32Array.from(kept);
}
