import type { FrontierAnswer } from "./request.ts";

/** The arrays of an answer, which go over rather than being copied. */
export function arraysOf({ data }: FrontierAnswer): ArrayBufferView[] {
  const { groups, bits, loss, gaps, kind, source, grid, sums, hull, core } = data;
  const own = [groups, grid, sums, hull, core].flatMap((part) => (part ? Object.values(part) : []));
  return [bits, loss, gaps, kind, source, ...own].filter((value): value is ArrayBufferView =>
    ArrayBuffer.isView(value),
  );
}
