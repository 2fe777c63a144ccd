/**
 * HiF4 (HiFloat4, arXiv 2602.11287): 64 values of a row under a scale in E6M2, whose eighths may be doubled and whose sixteenths once more.
 * An element is S1P2, a sign and 0 to 1.75 in quarters, so that the largest value of a group stands at 7 = 1.75 * 2 * 2. The conversion is
 * the paper's Algorithm 1: the scale is a seventh of the largest magnitude; a group of eight is doubled where its own largest reaches 4, one
 * of four where what is left of its largest reaches 2.
 */
import { exponentOf, floatBits, floatFromBits } from "../../exact/bits.ts";
import type { WorkOf } from "../code.ts";
import { EIGHT, FOUR, GROUP, type Hif4Code } from "./shape.ts";

/** Ends of E6M2: an exponent bias of 48, no zero, and NaN in the place of the largest. */
const LEAST = 2 ** -48;
const MOST = 1.5 * 2 ** 15;
const TOP = 1.75;

/** To the nearest bfloat16, ties to even. */
function bf16(x: number): number {
  const bits = floatBits(Math.fround(x));
  return floatFromBits(((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0);
}

/** To the nearest whole number, ties to even; below 2^51. */
const even = (q: number): number => q + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;

/** The nearest E6M2. A double quotient by 7 is exact where it is a tie. */
function e6m2(q: number): number {
  if (!(q > LEAST)) return LEAST;
  const unit = 2 ** (exponentOf(q) - 2);
  return Math.min(MOST, even(q / unit) * unit);
}

/** The steps of the conversion in either arithmetic. */
interface Steps {
  value(x: number): number;
  scale(amax: number): number;
  /** A value over the scale and a power of two. */
  over(x: number, scale: number, power: number): number;
}

const exact: Steps = {
  value: (x) => x,
  scale: (amax) => e6m2(amax / 7),
  over: (x, scale, power) => x / scale / power,
};

const SEVENTH = bf16(1 / 7);
const paper: Steps = {
  value: bf16,
  scale: (amax) => e6m2(bf16(amax * SEVENTH)),
  // A product with a power of two rounds nothing.
  over: (x, scale, power) => bf16(x * bf16(1 / scale)) / power,
};

/** Rows between two looks at whoever may cancel. */
const ROWS = 64;

export const work: WorkOf<Hif4Code> = {
  async encode({ by }, { rows, cols, values }, _calibration, job) {
    const { value, scale: scaleOf, over } = by === "bf16" ? paper : exact;
    const result = new Float32Array(values.length);
    const codes = new Uint32Array(values.length);
    const counts = new Uint32Array(16);
    const groups = Math.ceil(cols / GROUP);
    const scales = new Float32Array(rows * groups);
    /** What the micro-exponents multiply each four values by: 1, 2 or 4. */
    const powers = new Uint8Array(rows * Math.ceil(cols / FOUR));
    const largest = (from: number, to: number) => {
      let amax = 0;
      for (let i = from; i < to; i++) {
        const m = Math.abs(value(values[i]));
        if (m > amax && m < Infinity) amax = m;
      }
      return amax;
    };
    const code = (i: number, scale: number, power: number) => {
      const x = values[i];
      if (Number.isNaN(x)) {
        result[i] = x;
        return;
      }
      const q = over(Math.abs(value(x)), scale, power);
      const level = Math.min(TOP, even(Math.min(q, 2) * 4) / 4);
      codes[i] = level * 4 + (x < 0 ? 8 : 0);
      result[i] = (x < 0 ? -level : level) * power * scale;
      if (x - x === 0) counts[codes[i]]++;
    };
    for (let r = 0; r < rows; r++) {
      if (r % ROWS === 0) await job.checkpoint(r, rows, "rows");
      for (let from = 0; from < cols; from += GROUP) {
        const end = (n: number, at: number) => r * cols + Math.min(cols, from + GROUP, at + n);
        const scale = scaleOf(largest(r * cols + from, end(GROUP, from)));
        scales[r * groups + from / GROUP] = scale;
        for (let eight = from; eight < Math.min(cols, from + GROUP); eight += EIGHT) {
          const first = over(largest(r * cols + eight, end(EIGHT, eight)), scale, 1) >= 4 ? 2 : 1;
          for (let four = eight; four < Math.min(cols, eight + EIGHT); four += FOUR) {
            const [start, stop] = [r * cols + four, end(FOUR, four)];
            const power = first * (over(largest(start, stop), scale, first) >= 2 ? 2 : 1);
            powers[r * Math.ceil(cols / FOUR) + four / FOUR] = power;
            for (let i = start; i < stop; i++) code(i, scale, power);
          }
        }
      }
    }
    return {
      ...{ result, codes, dim: 1, codeBits: 4, counts, bits: [], notes: [] },
      words: (row, col) => [
        { what: "scale of 64 (E6M2)", value: String(scales[row * groups + Math.floor(col / GROUP)]) },
        {
          what: "times, by exponents of 8 and of 4",
          value: String(powers[row * Math.ceil(cols / FOUR) + Math.floor(col / FOUR)]),
        },
      ],
    };
  },
};
