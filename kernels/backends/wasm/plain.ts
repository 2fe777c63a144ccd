/**
 * The straightforward loop: what one would write in JavaScript for one recipe, with typed arrays and no care for ties.
 * A peer to measure the kernels against, not a backend.
 */

const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
const bits = new Float32Array(1);
const words = new Uint32Array(bits.buffer);

function powerOfTwoFloor(x: number): number {
  return 2 ** Math.floor(Math.log2(x));
}

/** Nearest e2m1 code by comparing with the middles. */
function e2m1(q: number): number {
  const a = q < 0 ? -q : q;
  const code =
    a < 1.75 ? (a <= 0.25 ? 0 : a < 0.75 ? 1 : a <= 1.25 ? 2 : 3) : a <= 2.5 ? 4 : a < 3.5 ? 5 : a <= 5 ? 6 : 7;
  return q < 0 ? code + 8 : code;
}

const int4 = (q: number): number => Math.max(-7, Math.min(7, Math.round(q))) & 15;

/** A full report of a recipe over a matrix in one loop over blocks, or null for a recipe that has none here. */
export function plainReport(recipe: string) {
  if (recipe === "int4/128")
    return loop(
      128,
      (amax) => Math.fround(amax / 7),
      int4,
      (c) => (c << 28) >> 28,
    );
  const level = (c: number) => (c & 8 ? -E2M1[c & 7] : E2M1[c]);
  if (recipe === "mxfp4") return loop(32, (amax) => powerOfTwoFloor(amax) / 4, e2m1, level);
  if (recipe === "nvfp4") {
    return loop(
      16,
      (amax, whole) => {
        // Rounded to e4m3's three fraction bits.
        const outer = Math.fround(whole / (6 * 448));
        const s = amax / 6 / outer;
        const quantum = powerOfTwoFloor(Math.max(s, 2 ** -6)) / 8;
        return Math.fround(Math.min(448, Math.round(s / quantum) * quantum) * outer);
      },
      e2m1,
      level,
    );
  }
  return null;
}

function loop(
  block: number,
  scaleOf: (amax: number, whole: number) => number,
  codeOf: (q: number) => number,
  levelOf: (code: number) => number,
) {
  const levels = Float32Array.from({ length: 16 }, (_, c) => levelOf(c));
  return (x: Float32Array, rows: number, cols: number, whole: number) => {
    const codes = new Uint32Array(16);
    const values = new Uint32Array(512);
    const errors = new Uint32Array(1025);
    const profiles = {
      rows: [new Float64Array(rows), new Float64Array(rows), new Float32Array(rows)],
      cols: [new Float64Array(cols), new Float64Array(cols), new Float32Array(cols)],
      blocks: [0, 1, 2].map((k) => (k < 2 ? Float64Array : Float32Array)).map((A) => new A((rows * cols) / block)),
      map: [new Float64Array(65536), new Float64Array(65536)],
    };
    const [cellRows, cellCols] = [Math.ceil(rows / 256), Math.ceil(cols / 256)];
    const toBin = 256 / (2 * powerOfTwoFloor(whole));
    let [error, signal, abs, dot, energy, saturated, flushed, most] = [0, 0, 0, 0, 0, 0, 0, 0];
    const limit = Math.max(...levels) * (1 + 2 ** -16);
    for (let r = 0; r < rows; r++) {
      for (let from = 0; from < cols; from += block) {
        const base = r * cols + from;
        let amax = 0;
        for (let i = base; i < base + block; i++) amax = Math.max(amax, Math.abs(x[i]));
        const s = scaleOf(amax, whole);
        let [blockError, blockSignal, blockMax] = [0, 0, 0];
        for (let i = base, c = from; i < base + block; i++, c++) {
          const v = x[i];
          const q = s === 0 ? 0 : v / s;
          const code = codeOf(q);
          const y = Math.fround(levels[code] * s);
          const e = Math.fround(v - y);
          const m = Math.abs(e);
          codes[code]++;
          values[Math.floor(v * toBin) + 256]++;
          bits[0] = m;
          if (m > 0) errors[words[0] >>> 21]++;
          else errors[1024]++;
          if (q > limit || q < -limit) saturated++;
          if (y === 0 && v !== 0) flushed++;
          const [ee, vv] = [e * e, v * v];
          abs += m;
          dot += v * y;
          energy += y * y;
          blockError += ee;
          blockSignal += vv;
          if (m > blockMax) blockMax = m;
          profiles.cols[0][c] += ee;
          profiles.cols[1][c] += vv;
          if (m > profiles.cols[2][c]) profiles.cols[2][c] = m;
          const cell = Math.floor(r / cellRows) * 256 + Math.floor(c / cellCols);
          profiles.map[0][cell] += ee;
          profiles.map[1][cell] += vv;
        }
        const b = base / block;
        profiles.blocks[0][b] = blockError;
        profiles.blocks[1][b] = blockSignal;
        profiles.blocks[2][b] = blockMax;
        profiles.rows[0][r] += blockError;
        profiles.rows[1][r] += blockSignal;
        profiles.rows[2][r] = Math.max(profiles.rows[2][r], blockMax);
        error += blockError;
        signal += blockSignal;
        most = Math.max(most, blockMax);
      }
    }
    return { error, signal, abs, dot, energy, saturated, flushed, most, codes, values, errors, profiles };
  };
}
