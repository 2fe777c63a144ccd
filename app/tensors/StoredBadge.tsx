/** Says of a weight that it is quantized already: its layout, and what is stored for each of its elements. */
import type { StoredAs } from "../../workers/tensors/stored.ts";

const bits = (stored: StoredAs): string => stored.bitsPerWeight.toFixed(2);

/** In a list, where there is room for a figure; it stands in the place of the shape. */
export function StoredMark({ stored }: { stored: StoredAs }) {
  return (
    <span
      className="shrink-0 rounded border border-line px-1 text-[10.5px] text-accent leading-[15px]"
      title={`${stored.kind.layout}, ${bits(stored)} bits a weight as stored`}
    >
      {bits(stored)} b<span className="sr-only">its a weight, {stored.kind.layout}</span>
    </span>
  );
}

/** Beside the name of the shown tensor. */
export function StoredBadge({ stored }: { stored: StoredAs }) {
  return (
    <span className="rounded border border-line px-1.5 text-accent" title={stored.kind.describe}>
      {stored.kind.layout} · {bits(stored)} bits a weight
    </span>
  );
}
