/** Names beside the points of the frontier, where they cover neither each other nor a point. */

export interface Anchor {
  x: number;
  y: number;
  text: string;
}

export interface Label {
  /** Of the anchor. */
  index: number;
  /** Left end and baseline of the text. */
  x: number;
  y: number;
  width: number;
  /** Where a line from the anchor ends; null where the name stands right beside it. */
  leader: { x: number; y: number } | null;
}

interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface LabelSpace {
  bounds: Box;
  charWidth: number;
  lineHeight: number;
  /** Half the size of a point. */
  radius: number;
}

/** Directions in the order of preference: along the empty side of a frontier that falls to the right, below left, first. */
const DIRECTIONS: readonly (readonly [number, number])[] = [
  [-1, 1],
  [1, -1],
  [-1, 0],
  [1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, -1],
];
const RINGS = [0, 14, 30];

const overlaps = (a: Box, b: Box): boolean => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** The ends first, then those in between, coarse to fine: what is left out is left out evenly. */
function fromCoarse(count: number): number[] {
  const order = new Set<number>([0, count - 1]);
  for (let parts = 2; order.size < count; parts *= 2)
    for (let k = 1; k < parts; k++) order.add(Math.round((k * (count - 1)) / parts));
  return [...order].filter((i) => i >= 0);
}

/**
 * Places as many names as there is room for; an anchor without room has none. `upward` is for frontiers that rise to
 * the right, whose empty side is above.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  obstacles: readonly { x: number; y: number }[],
  space: LabelSpace,
  upward = false,
): Label[] {
  const { bounds, charWidth, lineHeight, radius } = space;
  const taken: Box[] = [...anchors, ...obstacles].map(({ x, y }) => ({
    x0: x - radius,
    x1: x + radius,
    y0: y - radius,
    y1: y + radius,
  }));
  const labels: Label[] = [];
  for (const index of fromCoarse(anchors.length)) {
    const anchor = anchors[index];
    const width = anchor.text.length * charWidth;
    const found = candidates(anchor, width, lineHeight, radius, upward).find(
      ({ box }) =>
        box.x0 >= bounds.x0 &&
        box.x1 <= bounds.x1 &&
        box.y0 >= bounds.y0 &&
        box.y1 <= bounds.y1 &&
        !taken.some((other) => overlaps(box, other)),
    );
    if (!found) continue;
    taken.push(found.box);
    const { box, leader } = found;
    labels.push({ index, x: box.x0, y: box.y1 - lineHeight * 0.24, width, leader });
  }
  return labels.sort((a, b) => a.index - b.index);
}

function candidates(anchor: Anchor, width: number, height: number, radius: number, upward: boolean) {
  return RINGS.flatMap((ring) =>
    DIRECTIONS.map(([dx, down]) => {
      const dy = upward ? -down : down;
      // Diagonal names begin above or below the point, so that they stay near it.
      const reach = radius + 2 + ring;
      const cx = anchor.x + dx * (reach + width / 2);
      const cy = anchor.y + dy * (dx === 0 ? reach + height / 2 : (reach + height) / 2 + ring / 2);
      const box = { x0: cx - width / 2, x1: cx + width / 2, y0: cy - height / 2, y1: cy + height / 2 };
      const end = {
        x: Math.min(box.x1, Math.max(box.x0, anchor.x)),
        y: Math.min(box.y1 - 2, Math.max(box.y0 + 2, anchor.y)),
      };
      return { box, leader: ring === 0 ? null : end };
    }),
  );
}
