// How often each code occurs.
import { Field } from "../fields";
import { address, int } from "./memory";

/** Adds one to the count at byte offset `at` of a table. */
// @ts-ignore: decorator
@inline export function tally(table: usize, at: usize): void {
  store<u32>(table + at, load<u32>(table + at) + 1);
}

/** Pairs of codes of at most four bits: one count for two elements. `countPairs` in the backend takes them apart. */
const PAIRS: usize = memory.data(4 * 256 * 2, 16);
const INDICES: usize = memory.data(16, 16);
/** Two further tables for codes of at most eight bits: successive elements count in different ones. */
const BYTES: usize = memory.data(4 * 256 * 2, 16);

/** Counts n codes of a segment. */
export function countCodes(c: usize, n: i32): void {
  const bits = int(Field.codeBits);
  const counts = address(Field.codeCounts);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  if (bits <= 4) {
    const low = i16x8.splat(0xff);
    for (const whole = end & ~63; i < whole; i += 64) {
      const a = i16x8.narrow_i32x4_s(v128.load(c + i), v128.load(c + i, 16));
      const b = i16x8.narrow_i32x4_s(v128.load(c + i, 32), v128.load(c + i, 48));
      const codes = i8x16.narrow_i16x8_u(a, b);
      const pairs = i16x8.shl(v128.and(v128.or(codes, i16x8.shr_u(codes, 4)), low), 2);
      v128.store(INDICES, pairs);
      tally(PAIRS, load<u16>(INDICES));
      tally(PAIRS + 1024, load<u16>(INDICES, 2));
      tally(PAIRS, load<u16>(INDICES, 4));
      tally(PAIRS + 1024, load<u16>(INDICES, 6));
      tally(PAIRS, load<u16>(INDICES, 8));
      tally(PAIRS + 1024, load<u16>(INDICES, 10));
      tally(PAIRS, load<u16>(INDICES, 12));
      tally(PAIRS + 1024, load<u16>(INDICES, 14));
    }
  } else if (bits <= 8) {
    for (const whole = end & ~15; i < whole; i += 16) {
      tally(BYTES, (<usize>load<u32>(c + i)) << 2);
      tally(BYTES + 1024, (<usize>load<u32>(c + i, 4)) << 2);
      tally(BYTES, (<usize>load<u32>(c + i, 8)) << 2);
      tally(BYTES + 1024, (<usize>load<u32>(c + i, 12)) << 2);
    }
  }
  for (; i < end; i += 4) tally(counts, (<usize>load<u32>(c + i)) << 2);
}

/** Moves the counts of the inner tables to `codeCounts` and clears them. */
export function settleCodes(): void {
  const counts = address(Field.codeCounts);
  for (let k: usize = 0; k < 512; k++) {
    const pair = load<u32>(PAIRS + (k << 2));
    if (pair > 0) {
      const a = counts + ((k & 15) << 2);
      store<u32>(a, load<u32>(a) + pair);
      const b = counts + (((k >> 4) & 15) << 2);
      store<u32>(b, load<u32>(b) + pair);
    }
    const byte = load<u32>(BYTES + (k << 2));
    if (byte > 0) {
      const at = counts + ((k & 255) << 2);
      store<u32>(at, load<u32>(at) + byte);
    }
  }
  memory.fill(PAIRS, 0, 2048);
  memory.fill(BYTES, 0, 2048);
}
