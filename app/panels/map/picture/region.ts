/** Which part of a picture is fetched, and its samples before and after each recipe. */
import type { MatrixWindow, Pair } from "../../../charts/types.ts";
import type { LoadWindow } from "../useWindows.ts";

/** How a matrix is a picture: channel upon channel, each with `height` rows. */
export interface PictureShape {
  channels: number;
  height: number;
  width: number;
}

/** A part of a picture: an array a channel, row-major. */
export interface Region extends MatrixWindow {
  before: Float32Array[];
  after: Pair<Float32Array[]>;
}

/** Samples that are fetched at a time, over all channels; three copies of them and their codes cross to the page. */
const MOST_SAMPLES = 2 ** 21;

/** Whole rows and columns that cover a window; the middle of it where that is too much at once. */
export function regionOf(view: MatrixWindow, { channels, height, width }: PictureShape): MatrixWindow {
  const whole = {
    row0: Math.max(0, Math.floor(view.row0)),
    row1: Math.min(height, Math.ceil(view.row1)),
    col0: Math.max(0, Math.floor(view.col0)),
    col1: Math.min(width, Math.ceil(view.col1)),
  };
  const [tall, wide] = [whole.row1 - whole.row0, whole.col1 - whole.col0];
  const most = MOST_SAMPLES / channels;
  if (tall * wide <= most) return whole;
  const side = Math.floor(Math.sqrt(most));
  const rows = Math.min(tall, Math.max(side, Math.floor(most / wide)));
  const cols = Math.min(wide, Math.floor(most / rows));
  const row0 = whole.row0 + ((tall - rows) >> 1);
  const col0 = whole.col0 + ((wide - cols) >> 1);
  return { row0, row1: row0 + rows, col0, col1: col0 + cols };
}

/** Fetches a region, channel by channel, element by element. `has` says which recipes the replies speak of. */
export async function fetchRegion(
  area: MatrixWindow,
  { channels, height }: PictureShape,
  has: { a: boolean; b: boolean },
  load: LoadWindow,
): Promise<Region> {
  const { row0, row1, col0, col1 } = area;
  const replies = await Promise.all(
    Array.from({ length: channels }, (_, c) =>
      load({
        row0: c * height + row0,
        row1: c * height + row1,
        ...{ col0, col1, outRows: row1 - row0, outCols: col1 - col0 },
      }),
    ),
  );
  const before = replies.map((reply) => reply.values ?? new Float32Array());
  // What came out is what went in less the error.
  const results = (index: number) =>
    replies.map(({ signed }, c) => before[c].map((x, i) => x - (signed?.[index]?.[i] ?? Number.NaN)));
  return { ...area, before, after: { a: has.a ? results(0) : null, b: has.b ? results(has.a ? 1 : 0) : null } };
}
