// Where the memory begins that nobody uses.
export function heapAddress(): usize {
  return (__heap_base + 63) & ~63;
}
