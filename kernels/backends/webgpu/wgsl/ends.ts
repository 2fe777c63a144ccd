/** Where a format's range ends once it is scaled, on integers. Needs `exact.ts`. */
export const endsWgsl = /* wgsl */ `
// The largest float up to |end| * scale.
fn end_times(end: u32, scale: Parts) -> u32 {
  let level = unpack(end & MAGNITUDE);
  if (!is_finite(end)) { return MAGNITUDE; }
  if (level.significand == 0u) { return 0u; }
  let wide = multiply_wide(level.significand << 8u, scale.significand << 8u);
  let carry = wide.y >> 31u;
  let top = select((wide.y << 1u) | (wide.x >> 31u), wide.y, carry == 1u);
  return (u32(level.exponent + scale.exponent + i32(carry) + 126) << 23u) + (top >> 8u);
}
`;
