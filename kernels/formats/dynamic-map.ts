/**
 * The 8-bit dynamic map of bitsandbytes (Dettmers 2016, arXiv:1511.04561; `create_dynamic_map` with 7 exponent bits):
 * a sign, a unary exponent of powers of ten, an indicator bit and a linear fraction. 256 levels from about -0.993 to 1.
 */
export function createDynamicMap(): number[] {
  const exponents = 7;
  const values: number[] = [];
  for (let i = 0; i < exponents; i++) {
    // Middles of 2^i equal steps from 0.1 to 1, as numpy's linspace gives them.
    const steps = 2 ** i;
    const bounds = Array.from({ length: steps + 1 }, (_, k) => (k === steps ? 1 : 0.1 + k * ((1 - 0.1) / steps)));
    const power = Number(`1e${i - exponents + 1}`);
    for (let k = 0; k < steps; k++) {
      const middle = power * ((bounds[k] + bounds[k + 1]) / 2);
      values.push(middle, -middle);
    }
  }
  values.push(0, 1);
  return values.sort((a, b) => a - b);
}
