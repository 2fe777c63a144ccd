import { struct } from "./spec.ts";

export const GATHER_THREADS = 64;

export const gatherFields = [
  ["cols", "u32"],
  // Groups of bands with a sum for each column, and where those begin in the output of the lean kernels.
  ["groups", "u32"],
  ["cols_at", "u32"],
  // Units of a row, units of a cell, and where their sums begin.
  ["units", "u32"],
  ["cell_units", "u32"],
  ["units_at", "u32"],
  // Cells of the map: rows that this tile touches, and columns.
  ["cell_rows", "u32"],
  ["cell_cols", "u32"],
  ["rows", "u32"],
  // Segments of a row.
  ["across", "u32"],
] as const;

/** Terms that are loaded side by side: one after the other each would wait for memory. */
const TOGETHER = 8;
const eight = Array.from({ length: TOGETHER }, (_, k) => k);

/** Over `count` words from `first` on, `apart` from each other. */
const overWords = (name: string, type: string, join: (a: string, b: string) => string, word: string) => `
fn ${name}(first: u32, count: u32, apart: u32) -> ${type} {
  var all = ${type}();
  var k = 0u;
  for (; k + ${TOGETHER}u <= count; k += ${TOGETHER}u) {
    ${eight.map((j) => `let word${j} = ${word.replace("AT", `first + (k + ${j}u) * apart`)};`).join("\n    ")}
    all = ${join(
      "all",
      joinTree(
        eight.map((j) => `word${j}`),
        join,
      ),
    )};
  }
  var rest = ${type}();
  for (; k < count; k++) { rest = ${join("rest", word.replace("AT", "first + k * apart"))}; }
  return ${join("all", "rest")};
}`;

const joinTree = (terms: string[], join: (a: string, b: string) => string): string =>
  terms.length === 1
    ? terms[0]
    : join(joinTree(terms.slice(0, terms.length / 2), join), joinTree(terms.slice(terms.length / 2), join));

/**
 * Adds up what the lean kernels summed in parts: for each column errors, signals and the largest error, the same for each
 * row, then for each cell of the map errors and signals; one figure a thread. Each sum takes its terms in eights, so that
 * few roundings lie on any way.
 */
export const gatherWgsl = /* wgsl */ `
${struct("Gather", gatherFields)}
@group(0) @binding(0) var<uniform> gather: Gather;
// The first band of each row of cells, and one more.
@group(0) @binding(1) var<storage, read> first_bands: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;
${overWords("sum_of", "f32", (a, b) => `(${a} + ${b})`, "bitcast<f32>(parts[AT])")}
${overWords("most_of", "u32", (a, b) => `max(${a}, ${b})`, "parts[AT]")}

fn figure_of(kind: u32, first: u32, count: u32, apart: u32) -> u32 {
  if (kind == 2u) { return most_of(first, count, apart); }
  return bitcast<u32>(sum_of(first, count, apart));
}

fn sum_cell(row: u32, col: u32, kind: u32) -> f32 {
  var sum = 0.0;
  let first = col * gather.cell_units;
  let count = min(gather.units - first, gather.cell_units);
  for (var band = first_bands[row]; band < first_bands[row + 1u]; band++) {
    sum += sum_of(gather.units_at + (2u * band + kind) * gather.units + first, count, 1u);
  }
  return sum;
}

@compute @workgroup_size(${GATHER_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = (group.y * groups.x + group.x) * ${GATHER_THREADS}u + thread;
  let of_cols = 3u * gather.cols;
  let of_rows = 3u * gather.rows;
  if (index < of_cols) {
    out[index] = figure_of(index / gather.cols, gather.cols_at + index, gather.groups, of_cols);
  } else if (index < of_cols + of_rows) {
    let k = index - of_cols;
    out[index] = figure_of(k / gather.rows, k * gather.across, gather.across, 1u);
  } else {
    let cells = gather.cell_rows * gather.cell_cols;
    let k = index - of_cols - of_rows;
    if (k < 2u * cells) {
      let cell = k % cells;
      out[index] = bitcast<u32>(sum_cell(cell / gather.cell_cols, cell % gather.cell_cols, k / cells));
    }
  }
}
`;
