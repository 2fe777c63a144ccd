/**
 * Decimal digits that read back as the same double, without an exponent: the notation has none, since `e` begins
 * names and `+` joins steps. Negative zero is written as zero.
 */
export function printNumber(value: number): string {
  const text = String(Math.abs(value));
  const sign = value < 0 ? "-" : "";
  const e = text.indexOf("e");
  if (e < 0) return sign + text;
  const [whole, fraction = ""] = text.slice(0, e).split(".");
  const exponent = Number(text.slice(e + 1));
  const digits = whole + fraction;
  // Where the point stands in `digits`, counted from their start.
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}
