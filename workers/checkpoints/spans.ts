/** Tensors of one file as byte ranges: whether they share bytes, and which bytes are nobody's. */

import { firstNotes } from "./notes.ts";

export interface Span {
  name: string;
  /** Bytes in the file; empty where they are not known. */
  begin: number;
  end: number;
  problem?: string;
}

/** Marks tensors that share bytes: at least one of each pair is misplaced, and nobody can say which. */
export function markOverlaps(file: string, spans: readonly Span[]): void {
  let furthest: Span | null = null;
  for (const span of inOrder(spans)) {
    if (furthest && span.begin < furthest.end) {
      const range = `bytes ${span.begin} to ${Math.min(span.end, furthest.end)}`;
      span.problem ??= `${file}: tensor "${span.name}" overlaps "${furthest.name}" in ${range}.`;
      furthest.problem ??= `${file}: tensor "${furthest.name}" overlaps "${span.name}" in ${range}.`;
    }
    if (!furthest || span.end > furthest.end) furthest = span;
  }
}

/**
 * Sentences about bytes from `start` to the file's end, `size`, that belong to no tensor; fewer than `alignment` are
 * padding. They spoil no tensor, so they are only told. Where a tensor has a problem there are none: its bytes are not known.
 */
export function gapNotes(file: string, spans: readonly Span[], start: number, size: number, alignment = 1): string[] {
  if (spans.some((s) => s.problem)) return [];
  const notes: string[] = [];
  let at = start;
  for (const { name, begin, end } of inOrder(spans)) {
    if (begin - at >= alignment) {
      notes.push(`${file}: bytes ${at} to ${begin}, before "${name}", belong to no tensor.`);
    }
    at = Math.max(at, end);
  }
  if (size - at >= alignment) notes.push(`${file}: bytes ${at} to ${size} at the end belong to no tensor.`);
  return firstNotes(notes, (n) => `${file}: ${n} more runs of bytes belong to no tensor.`);
}

/** Those that take bytes, by where they begin. */
function inOrder(spans: readonly Span[]): Span[] {
  return spans.filter((s) => s.end > s.begin).sort((a, b) => a.begin - b.begin || a.end - b.end);
}
