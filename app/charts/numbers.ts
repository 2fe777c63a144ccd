/** How numbers are written on axes, in readouts and in tables. */

const SUPERSCRIPT: Record<string, string> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** An integer as superscript digits. */
export const superscript = (n: number): string => [...String(n)].map((c) => SUPERSCRIPT[c] ?? c).join("");

const minus = (text: string): string => text.replace("-", "−");

/** A number with `digits` significant digits: plain near one, else as a product with a power of ten. */
export function formatNumber(x: number | null | undefined, digits = 3): string {
  if (x === null || x === undefined) return "–";
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const magnitude = Math.abs(x);
  if (magnitude >= 1e-3 && magnitude < 1e6) {
    const text = x.toPrecision(digits);
    // toPrecision falls into exponents where digits are fewer than the integer part needs.
    return minus(text.includes("e") ? Math.round(x).toString() : text);
  }
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${minus(mantissa)}×10${superscript(Number(exponent))}`;
}

/** A number as it is, in the shortest decimal that reads back as the same float32 (or float64 if it is none). */
export function formatExact(x: number): string {
  if (!Number.isFinite(x)) return formatNumber(x);
  if (Math.fround(x) === x) {
    for (let digits = 1; digits <= 9; digits++) {
      const short = Number(x.toPrecision(digits));
      if (Math.fround(short) === x) return typeset(short);
    }
  }
  return typeset(x);
}

/** A number to at most `digits` significant digits, without zeros at its end. */
export const formatShort = (x: number, digits: number): string =>
  Number.isFinite(x) ? typeset(Number(x.toPrecision(digits))) : formatNumber(x);

/** JavaScript's shortest decimal with a real minus and a raised exponent. */
function typeset(x: number): string {
  const [mantissa, exponent] = String(x).split("e");
  return minus(mantissa) + (exponent ? `×10${superscript(Number(exponent))}` : "");
}

/** A whole number with its thousands apart. */
export const formatCount = (n: number): string => Math.round(n).toLocaleString("en-US");

/** A figure in a table: whole numbers as they are, with their thousands apart, others to four digits. */
export const formatCell = (x: number): string =>
  Number.isSafeInteger(x) ? minus(x.toLocaleString("en-US")) : formatNumber(x, 4);

/** A count on an axis: 1, 20, 5k, 1.2M. */
export function formatShortCount(n: number): string {
  if (n < 1000) return String(Math.round(n));
  for (const [size, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (n >= size) return `${Number((n / size).toPrecision(3))}${letter}`;
  return String(n);
}

/** A share as percent: 12.3 %, 0.04 %, 100 %. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent >= 99.95) return "100 %";
  return percent < 0.01 ? "<0.01 %" : `${percent.toPrecision(percent < 1 ? 2 : 3)} %`;
}

/** A share on an axis, without padding: 0.5 %, 20 %. */
export const formatShare = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** 2 to an integer power: 2⁻³. */
export const powerOfTwo = (exponent: number): string => `2${superscript(exponent)}`;

/**
 * A formatter for the ticks of one axis: all with the same number of decimals, or all with the same power of ten, so
 * that the digits stand under each other. `unit` is the power of ten to name beside the axis, or "".
 */
export function tickFormat(ticks: number[]): { format: (x: number) => string; unit: string } {
  const largest = Math.max(...ticks.map(Math.abs), 0);
  if (largest === 0) return { format: () => "0", unit: "" };
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : largest;
  const power = Math.floor(Math.log10(largest));
  const shift = power >= 5 || power < -3 ? Math.floor(power / 3) * 3 : 0;
  const factor = 10 ** -shift;
  const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(step * factor) + 1e-9)));
  const exact = Math.max(decimals, decimalsOf(step * factor, decimals));
  return {
    format: (x) => minus(Object.is(x, -0) ? "0" : (x * factor).toFixed(exact).replace(/^-(0(?:\.0*)?)$/, "$1")),
    unit: shift === 0 ? "" : `×10${superscript(shift)}`,
  };
}

/** Decimals a step such as 0.25 needs, at most two more than its leading digit. */
function decimalsOf(step: number, least: number): number {
  for (let d = least; d < least + 2; d++) if (Math.abs(step * 10 ** d - Math.round(step * 10 ** d)) < 1e-6) return d;
  return least;
}
