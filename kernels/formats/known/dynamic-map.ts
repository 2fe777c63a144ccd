/**
 * The 8-bit dynamic map of bitsandbytes (Dettmers 2016, arXiv:1511.04561; `create_dynamic_map` with 7 exponent bits):
 * a sign, a unary exponent of powers of ten, an indicator bit and a linear fraction. 256 levels from about -0.993 to 1.
 *
 * The library makes it with torch.linspace in float32, and checkpoints hold the levels that come of it; so every step is
 * float32 here as well. All values are float32, ascending.
 */
export function createDynamicMap(): number[] {
  const exponents = 7;
  const values: number[] = [];
  for (let i = 0; i < exponents; i++) {
    // Middles of 2^i equal steps from 0.1 to 1.
    const steps = 2 ** i;
    const bounds = linspace(Math.fround(0.1), 1, steps + 1);
    const power = Math.fround(Number(`1e${i - exponents + 1}`));
    for (let k = 0; k < steps; k++) {
      const middle = Math.fround(power * Math.fround(Math.fround(bounds[k] + bounds[k + 1]) / 2));
      values.push(middle, -middle);
    }
  }
  values.push(0, 1);
  return values.sort((a, b) => a - b);
}

/**
 * torch.linspace in float32 on a CPU: steps are counted from the start in the lower half and from the end in the upper,
 * and product and sum are one operation (the compilers of PyTorch's builds fuse them), rounded once. Products of a
 * float32 and a small integer are exact in double, and so are these sums.
 */
function linspace(start: number, end: number, n: number): number[] {
  const step = Math.fround(Math.fround(end - start) / (n - 1));
  return Array.from({ length: n }, (_, i) =>
    Math.fround(i < Math.floor(n / 2) ? start + step * i : end - step * (n - 1 - i)),
  );
}
