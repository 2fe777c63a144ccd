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

export interface Box {
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
  /** Horizontal and vertical lines that names keep off while they can. */
  lines?: readonly Box[];
  /** What no name may cover besides. */
  taken?: readonly Box[];
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
const RINGS = [0, 14, 30, 50, 76];
/** A few names may cover lines, and points that are not on the frontier, rather than none be there. */
const FEW = 6;
/** Of a crowded frontier so many names are tried for each that there may be. */
const TRIED = 3;

export const overlaps = (a: Box, b: Box): boolean => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

type Place = Pick<Anchor, "x" | "y">;

/** A leader where it has left its point, which the frontier's own line begins at as well. */
function ledFrom(from: Place, to: Place, radius: number): Box {
  const t = Math.min(1, radius / Math.hypot(to.x - from.x, to.y - from.y));
  return { x0: from.x + t * (to.x - from.x), y0: from.y + t * (to.y - from.y), x1: to.x, y1: to.y };
}

/** Whether a line from one end to the other goes through a box. */
function crosses({ x0, y0, x1, y1 }: Box, box: Box): boolean {
  let [from, to] = [0, 1];
  for (const [start, step, lo, hi] of [
    [x0, x1 - x0, box.x0, box.x1],
    [y0, y1 - y0, box.y0, box.y1],
  ]) {
    if (step === 0 && (start <= lo || start >= hi)) return false;
    const [a, b] = step === 0 ? [0, 1] : [(lo - start) / step, (hi - start) / step];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from < to;
}

/** The room a line takes, whichever way it runs. */
const thick = ({ x0, y0, x1, y1 }: Box): Box => ({
  x0: Math.min(x0, x1) - 1,
  y0: Math.min(y0, y1) - 1,
  x1: Math.max(x0, x1) + 1,
  y1: Math.max(y0, y1) + 1,
});

/** Pixels of a cell of a cover. */
const CELL = 4;

/** Which cells of a plane are covered: thousands of points are asked about for every place of every name. */
class Cover {
  readonly #origin: Box;
  readonly #across: number;
  readonly #cells: Uint8Array;

  constructor(bounds: Box) {
    this.#origin = bounds;
    this.#across = Math.max(1, Math.ceil((bounds.x1 - bounds.x0) / CELL));
    this.#cells = new Uint8Array(this.#across * Math.max(1, Math.ceil((bounds.y1 - bounds.y0) / CELL)));
  }

  /** Calls back with each cell of a box that lies on the plane, until it says true. */
  #some({ x0, y0, x1, y1 }: Box, look: (cell: number) => boolean): boolean {
    const down = this.#cells.length / this.#across;
    const place = (v: number, from: number, most: number) => Math.min(most, Math.max(0, Math.floor((v - from) / CELL)));
    if (x1 < this.#origin.x0 || y1 < this.#origin.y0 || x0 > this.#origin.x1 || y0 > this.#origin.y1) return false;
    const last = place(x1, this.#origin.x0, this.#across - 1);
    const lowest = place(y1, this.#origin.y0, down - 1);
    for (let y = place(y0, this.#origin.y0, down - 1); y <= lowest; y++)
      for (let x = place(x0, this.#origin.x0, this.#across - 1); x <= last; x++)
        if (look(y * this.#across + x)) return true;
    return false;
  }

  add(box: Box): void {
    this.#some(box, (cell) => {
      this.#cells[cell] = 1;
      return false;
    });
  }

  touches(box: Box): boolean {
    return this.#some(box, (cell) => this.#cells[cell] === 1);
  }
}

/** The ends first, then those in between, coarse to fine: what is left out is left out evenly. */
function fromCoarse(count: number): number[] {
  if (count === 0) return [];
  const order = new Set<number>([0, count - 1]);
  for (let parts = 2; order.size < count; parts *= 2)
    for (let k = 1; k < parts; k++) order.add(Math.round((k * (count - 1)) / parts));
  return [...order];
}

/** Names that a space takes without becoming a wall of text. */
const mostLabels = ({ x0, x1, y0, y1 }: Box): number =>
  Math.min(24, Math.max(4, Math.floor(((x1 - x0) * (y1 - y0)) / 18_000)));

/**
 * Places as many names as there is room for; an anchor without room has none. `obstacles` are the other points.
 * `upward` is for frontiers whose empty side is above, `leftward` for those that run from right to left.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  obstacles: readonly { x: number; y: number }[],
  space: LabelSpace,
  upward = false,
  leftward = false,
): Label[] {
  const { bounds, charWidth, lineHeight, radius, lines = [] } = space;
  const around = ({ x, y }: { x: number; y: number }, by: number): Box => ({
    x0: x - by,
    x1: x + by,
    y0: y - by,
    y1: y + by,
  });
  const taken = [...anchors.map((anchor) => around(anchor, radius)), ...(space.taken ?? [])];
  const others = new Cover(bounds);
  for (const point of obstacles) others.add(around(point, radius - 2));
  const drawn = lines.map(thick);
  const leaders: Box[] = [];
  const most = mostLabels(bounds);
  const labels: Label[] = [];
  for (const index of fromCoarse(anchors.length).slice(0, TRIED * most)) {
    if (labels.length === most) break;
    const anchor = anchors[index];
    const width = anchor.text.length * charWidth;
    const free = candidates(anchor, width, lineHeight, radius, upward, leftward).filter(
      ({ box }) =>
        box.x0 >= bounds.x0 &&
        box.x1 <= bounds.x1 &&
        box.y0 >= bounds.y0 &&
        box.y1 <= bounds.y1 &&
        !taken.some((other) => overlaps(box, other)),
    );
    const ownBox = around(anchor, radius);
    const barriers = [...taken.filter((other) => !overlaps(other, ownBox)), ...drawn];
    const offLines = free.filter(
      ({ box, leader }) =>
        !drawn.some((line) => overlaps(box, line)) &&
        !leaders.some((line) => crosses(line, box)) &&
        !(leader && barriers.some((other) => crosses(ledFrom(anchor, leader, radius), other))),
    );
    const clear = offLines.find(({ box }) => !others.touches(box));
    const found = clear ?? (labels.length < FEW ? (offLines[0] ?? free[0]) : undefined);
    if (!found) continue;
    taken.push(found.box);
    const { box, leader } = found;
    if (leader) leaders.push(ledFrom(anchor, leader, radius));
    labels.push({ index, x: box.x0, y: box.y1 - lineHeight * 0.24, width, leader });
  }
  return labels.sort((a, b) => a.index - b.index);
}

function candidates(anchor: Anchor, width: number, height: number, radius: number, upward: boolean, leftward: boolean) {
  return RINGS.flatMap((ring) =>
    DIRECTIONS.map(([right, down]) => {
      const dx = leftward ? -right : right;
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
