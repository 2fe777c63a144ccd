/** From numbers to colours: tables of 256 entries, and how a value finds its place in one. */
export type Rgb = readonly [number, number, number];

/** 256 colours, red, green, blue in turn. */
export type ColorTable = Uint8ClampedArray;

/** `#rgb`, `#rrggbb` or `rgb(r, g, b)`; black for anything else. */
export function parseColor(text: string): Rgb {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (hex) {
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
    return [0, 2, 4].map((i) => Number.parseInt(full.slice(i, i + 2), 16)) as unknown as Rgb;
  }
  const parts = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return parts.length >= 3 ? [parts[0], parts[1], parts[2]] : [0, 0, 0];
}

const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

/** Relative luminance (WCAG), 0 to 1. */
export const luminance = ([r, g, b]: Rgb): number =>
  0.2126 * toLinear(r / 255) + 0.7152 * toLinear(g / 255) + 0.0722 * toLinear(b / 255);

/** Mixes two colours in sRGB, whose steps look about even; `t` = 0 gives the first. */
export function mix(x: Rgb, y: Rgb, t: number): Rgb {
  const one = (i: 0 | 1 | 2) => x[i] * (1 - t) + y[i] * t;
  return [one(0), one(1), one(2)];
}

/** Polynomials in t for red, green and blue, lowest power first: the fit to cividis that d3-scale-chromatic uses. */
const cividis = [
  [-4.54, -35.34, 2381.73, -6402.7, 7024.72, -2710.57],
  [32.49, 170.73, 52.82, -131.46, 176.58, -67.37],
  [81.24, 442.36, -2482.43, 6167.24, -6614.94, 2475.67],
] as const;

/**
 * Cividis: dark blue to yellow, even in lightness, the same to people with and without colour blindness (Nuñez, Anderton
 * and Renslow, PLoS ONE 13(7), 2018).
 */
export function sequentialTable(): ColorTable {
  const at = (t: number) => cividis.map((c) => Math.round(c.reduceRight((sum, factor) => sum * t + factor, 0)));
  return tableOf((t) => at(t) as unknown as Rgb);
}

/** From `low` over a neutral zero in the middle to `high`. */
export function divergingTable(low: Rgb, neutral: Rgb, high: Rgb): ColorTable {
  return tableOf((t) => {
    const s = 2 * t - 1;
    // A power below one lifts small differences off the neutral colour.
    return mix(neutral, s < 0 ? low : high, Math.abs(s) ** 0.8);
  });
}

function tableOf(color: (t: number) => Rgb): ColorTable {
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) table.set(color(i / 255), 3 * i);
  return table;
}

/** How values of a field are spread over a colour table. */
export interface ColorScale {
  kind: "linear" | "log" | "diverging";
  lo: number;
  hi: number;
}

/** Place of a value in the table, 0 to 1; NaN stays NaN. Zero on a log scale is the lowest colour. */
export function place(scale: ColorScale, v: number): number {
  if (Number.isNaN(v)) return Number.NaN;
  const { lo, hi } = scale;
  if (!(hi > lo)) return scale.kind === "diverging" ? 0.5 : 0;
  const t =
    scale.kind === "log"
      ? v <= 0
        ? 0
        : Math.log(v / lo) / Math.log(hi / lo)
      : v === Infinity
        ? 1
        : (v - lo) / (hi - lo);
  return Math.max(0, Math.min(1, t));
}

/** Values through scale and table as RGBA; NaN is left transparent. */
export function colorize(values: Float32Array, scale: ColorScale, table: ColorTable): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(values.length * 4);
  const log = scale.kind === "log";
  const base = log ? Math.log(scale.lo) : scale.lo;
  const span = (log ? Math.log(scale.hi) : scale.hi) - base;
  const flat = !(span > 0);
  const middle = scale.kind === "diverging" ? 127.5 : 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isNaN(v)) continue;
    const t = flat ? middle : log ? (v > 0 ? ((Math.log(v) - base) / span) * 255 : 0) : ((v - base) / span) * 255;
    const k = 3 * Math.max(0, Math.min(255, Math.round(t)));
    out[4 * i] = table[k];
    out[4 * i + 1] = table[k + 1];
    out[4 * i + 2] = table[k + 2];
    out[4 * i + 3] = 255;
  }
  return out;
}

/**
 * The magnitude below which a share of the non-zero values lies, from at most 4096 of them, so that a few extremes do
 * not take all the colours; `null` where there is none.
 */
function quantile(fields: readonly Float32Array[], share: number): number | null {
  const length = fields.reduce((n, field) => n + field.length, 0);
  const stride = Math.max(1, Math.floor(length / 4096));
  const sample: number[] = [];
  for (const field of fields)
    for (let i = 0; i < field.length; i += stride) {
      const v = Math.abs(field[i]);
      if (v > 0 && v !== Infinity) sample.push(v);
    }
  if (sample.length === 0) return null;
  sample.sort((x, y) => x - y);
  return sample[Math.min(sample.length - 1, Math.floor(share * sample.length))];
}

/** Range for magnitudes, the lowest and highest hundredth of them clipped; a linear one begins at zero. */
export function magnitudeScale(fields: readonly Float32Array[], log: boolean): ColorScale {
  const hi = quantile(fields, 0.99);
  if (hi === null) return log ? { kind: "log", lo: 1, hi: 10 } : { kind: "linear", lo: 0, hi: 1 };
  if (!log) return { kind: "linear", lo: 0, hi };
  const lo = quantile(fields, 0.01)!;
  return { kind: "log", lo: lo < hi ? lo : hi / 10, hi };
}

/** Range symmetric about zero, the largest hundredth clipped, nowhere beyond `most`. */
export function signedScale(fields: readonly Float32Array[], most = Infinity): ColorScale {
  const hi = Math.min(quantile(fields, 0.99) ?? 1, most);
  return { kind: "diverging", lo: -hi, hi };
}
