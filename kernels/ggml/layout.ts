/**
 * Where the codes of a block lie. A code is cut into planes (its low bits here, its high bit there), and a plane is a
 * rule that gives each element its byte and its place within.
 */

/**
 * Codes of one block to and from its bytes. `pack` adds to bytes that are zero, `unpack` writes one code an element. Where codes
 * are stored several at a time there is no `pack`: not every choice of codes has a place.
 */
export interface CodeLayout {
  pack?(codes: Uint8Array, bytes: Uint8Array, at: number): void;
  unpack(bytes: Uint8Array, at: number, codes: Uint8Array | Uint32Array, to: number): void;
}

interface Plane {
  /** Bits of the code in this plane, and the lowest of them. */
  width: number;
  position: number;
  byte(element: number): number;
  shift(element: number): number;
}

/** Runs of 2 * count elements in count bytes each: the first half of a run in the low nibbles, the second in the high. */
export const nibbles = (at: number, count: number): Plane => ({
  width: 4,
  position: 0,
  byte: (j) => at + count * Math.floor(j / (2 * count)) + (j % count),
  shift: (j) => (j % (2 * count) < count ? 0 : 4),
});

/** Two bits of 128 elements in 32 bytes: four runs of 32, from the lowest bits up. */
export const crumbs = (at: number, position = 0): Plane => ({
  width: 2,
  position,
  byte: (j) => at + 32 * (j >> 7) + (j & 31),
  shift: (j) => 2 * ((j >> 5) & 3),
});

/** One bit of 256 elements in 32 bytes: bit b of byte l belongs to element 32 b + l. */
export const stripes = (at: number, position: number): Plane => ({
  width: 1,
  position,
  byte: (j) => at + (j & 31),
  shift: (j) => j >> 5,
});

/** `width` bits of one element after the other, from the lowest up; a width that divides 8. */
export const stream = (at: number, width: 1 | 2 | 8, position = 0): Plane => ({
  width,
  position,
  byte: (j) => at + Math.floor((j * width) / 8),
  shift: (j) => (j * width) % 8,
});

/** The layout of blocks of `elements` codes in these planes. */
export function planes(elements: number, ...parts: readonly Plane[]): CodeLayout {
  const tables = parts.map(({ width, position, byte, shift }) => ({
    mask: 2 ** width - 1,
    position,
    bytes: Uint8Array.from({ length: elements }, (_, j) => byte(j)),
    shifts: Uint8Array.from({ length: elements }, (_, j) => shift(j)),
  }));
  return {
    pack(codes, bytes, at) {
      for (const { mask, position, bytes: places, shifts } of tables) {
        for (let j = 0; j < elements; j++) bytes[at + places[j]] |= ((codes[j] >> position) & mask) << shifts[j];
      }
    },
    unpack(bytes, at, codes, to) {
      codes.fill(0, to, to + elements);
      for (const { mask, position, bytes: places, shifts } of tables) {
        for (let j = 0; j < elements; j++) codes[to + j] |= ((bytes[at + places[j]] >> shifts[j]) & mask) << position;
      }
    },
  };
}

/** Runs of TQ1_0: bytes, and the ternary digits that each holds. */
const TRIT_RUNS = [
  [32, 5],
  [16, 5],
  [4, 4],
] as const;

/**
 * TQ1_0: five ternary digits a byte, four in the last four bytes. All first digits of a run's bytes come first, then all
 * second ones. A byte is ceil(256 n / 243) of the number n that its digits make (a fifth digit is 0 where there are four),
 * so that multiplying by 3 moves the first digit out at the top.
 */
export const trits: CodeLayout = {
  pack(codes, bytes, at) {
    let [first, byte] = [0, at];
    for (const [count, digits] of TRIT_RUNS) {
      for (let m = 0; m < count; m++) {
        let n = 0;
        for (let digit = 0; digit < 5; digit++) n = 3 * n + (digit < digits ? codes[first + m + count * digit] : 0);
        bytes[byte++] = Math.ceil((256 * n) / 243);
      }
      first += count * digits;
    }
  },
  unpack(bytes, at, codes, to) {
    let [next, run] = [to, at];
    for (const [count, digits] of TRIT_RUNS) {
      for (let digit = 0, power = 1; digit < digits; digit++, power *= 3) {
        for (let m = 0; m < count; m++) codes[next++] = (((bytes[run + m] * power) & 255) * 3) >> 8;
      }
      run += count;
    }
  },
};
