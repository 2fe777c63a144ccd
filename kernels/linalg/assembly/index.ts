// The float64 kernels that ../machine.ts calls. Matrices are row-major; strides are in bytes, multiples of 32, and rows lie on such
// addresses. Nothing is fused: wasm rounds each product and each sum.

export { multiplyAdd, multiplySubtract, packAcross, packAlong } from "./product";
export { reflectRows } from "./reflect";
export { jacobiRow, rotateRows } from "./rotate";
export { backwardRows, factorRows, forwardRows, solveRight } from "./triangle";
export { dotRows } from "./vectors";

/** Where the memory begins that ../memory.ts hands out. */
export function heapAddress(): usize {
  return (__heap_base + 63) & ~63;
}
