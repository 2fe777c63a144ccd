// Values of a sub-block or of a whole block, what they weigh, the codes found, codes on trial, and numbers of a block that go in or
// come back: scales of its sub-blocks.

export const VALUES = memory.data(4 * 256, 16);
export const WEIGHTS = memory.data(4 * 32, 16);
export const CODES = memory.data(256, 16);
export const TRIED = memory.data(32, 16);
export const FLOATS = memory.data(4 * 16, 16);

export function valuesAt(): usize {
  return VALUES;
}

export function weightsAt(): usize {
  return WEIGHTS;
}

export function codesAt(): usize {
  return CODES;
}

export function floatsAt(): usize {
  return FLOATS;
}

@inline export function value(i: i32): f32 {
  return load<f32>(VALUES + (<usize>i << 2));
}

@inline export function weight(i: i32): f32 {
  return load<f32>(WEIGHTS + (<usize>i << 2));
}

@inline export function code(i: i32): i32 {
  return <i32>load<u8>(CODES + <usize>i);
}

@inline export function setCode(i: i32, code: i32): void {
  store<u8>(CODES + <usize>i, <u8>code);
}

@inline export function tried(i: i32): i32 {
  return <i32>load<u8>(TRIED + <usize>i);
}

@inline export function setTried(i: i32, code: i32): void {
  store<u8>(TRIED + <usize>i, <u8>code);
}

// The nearest integer, ties to even, as ggml finds it: what adding 1.5 * 2^23 leaves in the low bits.
@inline export function nearestInt(x: f32): i32 {
  return (reinterpret<i32>(x + 12582912) & 0x7fffff) - 0x400000;
}

@inline export function clamp(n: i32, low: i32, high: i32): i32 {
  return n < low ? low : n > high ? high : n;
}
