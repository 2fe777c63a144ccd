/** Typed numbers as cells: the text is the truth, and an edit changes one number of it. */

export const MOST_ROWS = 4;
export const MOST_COLS = 8;

/** The numbers of a text by rows, each as it was typed; rows end with a line or a closing bracket. */
export function cellsOf(text: string): string[][] {
  const rows = text.split(text.includes("]") ? "]" : "\n");
  return rows.map((row) => row.split(/[\s,;[\]()]+/).filter(isCellNumber)).filter((row) => row.length > 0);
}

export const textOf = (cells: readonly (readonly string[])[]): string => cells.map((row) => row.join(", ")).join("\n");

/** The cells with another number of rows and columns; new ones hold zero. */
export function resized(cells: readonly (readonly string[])[], rows: number, cols: number): string[][] {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (_, c) => cells[r]?.[c] ?? "0"));
}

export function edited(cells: readonly (readonly string[])[], row: number, col: number, value: string): string[][] {
  return cells.map((line, r) => line.map((cell, c) => (r === row && c === col ? value : cell)));
}

/** What a cell may hold: a number as people and Python write it. */
export const isCellNumber = (text: string): boolean =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(nan|inf|infinity)$/i.test(text.trim());

/** Sixteen numbers to begin with: ordinary ones, a zero, a tiny one and an outlier. */
export const FIRST_CELLS = textOf([
  ["0.12", "-0.5", "0.31", "0.02"],
  ["1.5", "-0.08", "0", "0.27"],
  ["-0.33", "0.61", "6", "-0.19"],
  ["0.0004", "-1.1", "0.44", "0.9"],
]);
