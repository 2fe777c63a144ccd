// What the backend calls. A window is some rows of a tile, or part of one row; it is walked in groups of rows and, inside
// those, in segments, so that everything but the values themselves stays in the first-level cache.
import { Field, Kind } from "../fields";
import { accumulateSegment, anyFaint, anyNonFinite, flushColumns, settleHistograms } from "./accumulate";
import { countCodes, settleCodes } from "./count";
import { placeDraws } from "./draw";
import { encodeSegment } from "./encode";
import { clearNonFinite, sawNonFinite } from "./exact";
import { CODES, CONFIG, PLANES, ROW_GROUP, SEGMENT, SUMS, Y, address, field, int } from "./memory";
import { startStatistics, statisticsByColumn, statisticsOfRun } from "./statistics";

export { errorsAddress, sumErrors } from "./sweep";
export { beginTrials, costAddress, runTrials, startTrials } from "./trials";

export function configAddress(): usize {
  return CONFIG;
}

export function planesAddress(): usize {
  return PLANES;
}

export function sumsAddress(): usize {
  return SUMS;
}

/** The first byte that the backend may use. */
export function heapAddress(): usize {
  return (__heap_base + 63) & ~63;
}

/** Where a stretch of a row stands among the blocks; set by `locate`. */
let block: i32 = 0;
let first: i32 = 0;

/** Finds the block of (row, col), counted from the tile's first block, and how many of its elements follow in the row. */
function locate(row: i32, col: i32): void {
  const run = int(Field.run);
  const matrixRow = int(Field.tileRow0) + row;
  if (int(Field.perColumn)) {
    block = col;
    first = int(Field.cols) - col;
  } else if (int(Field.flat)) {
    const index = <u64>matrixRow * <u64>int(Field.cols) + <u64>col;
    const size = <u64>field(Field.flat);
    block = <i32>(index / size - <u64>field(Field.firstBlock));
    first = <i32>min(size - (index % size), <u64>0x3fffffff);
  } else {
    block = (matrixRow / int(Field.blockRows)) * int(Field.gridCols) + col / run - int(Field.firstBlock);
    first = run - (col % run);
  }
}

/** Row-major index in the matrix of the tile's (row, col). */
// @ts-ignore: decorator
@inline function indexOf(row: i32, col: i32): u64 {
  return <u64>(int(Field.tileRow0) + row) * <u64>int(Field.cols) + <u64>col;
}

/** Elements of the segments of a row: whole runs where they are short enough. */
function segmentLength(): i32 {
  const run = int(Field.run);
  return run <= SEGMENT && !int(Field.flat) && !int(Field.perColumn) ? SEGMENT - (SEGMENT % run) : SEGMENT;
}

/** Adds the window to the statistics of its blocks. */
export function statistics(): void {
  startStatistics();
  const rows = int(Field.rows);
  const width = int(Field.width);
  const run = int(Field.run);
  const col0 = int(Field.col0);
  const perColumn = int(Field.perColumn) != 0;
  let u = address(Field.input);
  for (let r = 0; r < rows; r++, u += (<usize>width) << 2) {
    locate(int(Field.row0) + r, col0);
    if (perColumn) {
      statisticsByColumn(u, width, block);
      continue;
    }
    let b = <usize>block;
    let stop = min(first, width);
    for (let i = 0; i < width; b++) {
      statisticsOfRun(u + ((<usize>i) << 2), stop - i, b);
      i = stop;
      stop = min(width, stop + run);
    }
  }
}

/** Encodes the window: results, codes where wanted, counts of codes where wanted. */
export function encode(): void {
  const rows = int(Field.rows);
  const width = int(Field.width);
  const run = int(Field.run);
  const length = segmentLength();
  const counted = int(Field.countCodes) != 0;
  const codes = address(Field.codes);
  let u = address(Field.input);
  let y = address(Field.result);
  let at: usize = 0;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i += length) {
      const n = min(length, width - i);
      locate(int(Field.row0) + r, int(Field.col0) + i);
      const c = codes ? codes + at : CODES;
      placeDraws(u + at, indexOf(int(Field.row0) + r, int(Field.col0) + i));
      encodeSegment(u + at, y + at, c, n, block, run, first);
      if (counted) countCodes(c, n);
      at += (<usize>n) << 2;
    }
  }
}

/** Adds the window to the report. `encoding`: results are made here from the input; else they are at hand. */
function walk(encoding: bool): void {
  const rows = int(Field.rows);
  const width = int(Field.width);
  const run = int(Field.run);
  const row0 = int(Field.row0);
  const col0 = int(Field.col0);
  const tileRow0 = int(Field.tileRow0);
  const cellRows = int(Field.cellRows);
  const x = address(Field.original);
  const results = address(Field.result);
  const length = segmentLength();
  const always = int(Field.careful) != 0;
  const faintResults = int(Field.faintResults) != 0;
  const faint = anyFaint(x, rows * width);
  const unseen = int(Field.kind) == Kind.copy || !encoding;
  const counted = int(Field.countCodes) != 0;
  for (let r = 0; r < rows; ) {
    // A group of rows lies in one row of the map.
    const cellEnd = cellRows - ((tileRow0 + row0 + r) % cellRows);
    const group = min(min(ROW_GROUP, rows - r), cellEnd);
    for (let i = 0; i < width; i += length) {
      const n = min(length, width - i);
      for (let k = r; k < r + group; k++) {
        const at = (<usize>(k * width + i)) << 2;
        locate(row0 + k, col0 + i);
        clearNonFinite();
        const y = encoding ? Y : results + at;
        if (encoding) {
          placeDraws(x + at, indexOf(row0 + k, col0 + i));
          encodeSegment(x + at, Y, CODES, n, block, run, first);
          if (counted) countCodes(CODES, n);
        }
        const careful = always || (unseen ? anyNonFinite(x + at, y, n) : sawNonFinite)
          || (faint && anyFaint(x + at, n)) || (faintResults && anyFaint(y, n));
        accumulateSegment(x + at, y, n, row0 + k, col0 + i, block, run, first, careful);
      }
      flushColumns(n, row0 + r, col0 + i);
    }
    r += group;
  }
}

export function report(): void {
  walk(true);
}

export function accumulate(): void {
  walk(false);
}

/** Brings the counts of all windows so far to the configured tables. */
export function settle(): void {
  settleHistograms();
  if (int(Field.countCodes)) settleCodes();
}
