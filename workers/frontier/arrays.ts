import type { FrontierAnswer } from "./request.ts";

/** The arrays of an answer, which go over rather than being copied. */
export function arraysOf({ data }: FrontierAnswer): ArrayBufferView[] {
  const { groups, bits, loss, gaps, source, grid, sums, hull } = data;
  const own = [groups, grid, sums, hull].flatMap((part) => (part ? Object.values(part) : []));
  return [bits, loss, gaps, source, ...own].filter((value): value is ArrayBufferView => ArrayBuffer.isView(value));
}
