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

/**
 * Adds up what the lean kernels summed in parts: for each column errors, signals and the largest error, the same for each
 * row, then for each cell of the map errors and signals. Each sum takes its terms in eights, so that few roundings lie on any way.
 */
export const gatherWgsl = /* wgsl */ `
${struct("Gather", gatherFields)}
@group(0) @binding(0) var<uniform> gather: Gather;
// The first band of each row of cells, and one more.
@group(0) @binding(1) var<storage, read> first_bands: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;

fn part(k: u32) -> f32 { return bitcast<f32>(parts[k]); }

fn sum_column(first: u32) -> f32 {
  var sum = 0.0;
  let apart = 3u * gather.cols;
  for (var g = 0u; g < gather.groups; g += 8u) {
    var eight = 0.0;
    for (var k = g; k < min(g + 8u, gather.groups); k++) { eight += part(first + k * apart); }
    sum += eight;
  }
  return sum;
}

fn sum_row(first: u32) -> f32 {
  var sum = 0.0;
  for (var s = 0u; s < gather.across; s += 8u) {
    var eight = 0.0;
    for (var k = s; k < min(s + 8u, gather.across); k++) { eight += part(first + k); }
    sum += eight;
  }
  return sum;
}

fn sum_cell(row: u32, col: u32, kind: u32) -> f32 {
  var sum = 0.0;
  let end = min(gather.units, (col + 1u) * gather.cell_units);
  for (var band = first_bands[row]; band < first_bands[row + 1u]; band++) {
    let at = gather.units_at + (2u * band + kind) * gather.units;
    for (var u = col * gather.cell_units; u < end; u += 8u) {
      var eight = 0.0;
      for (var k = u; k < min(u + 8u, end); k++) { eight += part(at + k); }
      sum += eight;
    }
  }
  return sum;
}

@compute @workgroup_size(${GATHER_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = (group.y * groups.x + group.x) * ${GATHER_THREADS}u + thread;
  if (index < gather.cols) {
    let at = gather.cols_at + index;
    out[index] = bitcast<u32>(sum_column(at));
    out[index + gather.cols] = bitcast<u32>(sum_column(at + gather.cols));
    var most = 0u;
    for (var g = 0u; g < gather.groups; g++) { most = max(most, parts[at + (3u * g + 2u) * gather.cols]); }
    out[index + 2u * gather.cols] = most;
    return;
  }
  if (index < gather.cols + gather.rows) {
    let row = index - gather.cols;
    let apart = gather.rows * gather.across;
    let at = 3u * gather.cols + row;
    out[at] = bitcast<u32>(sum_row(row * gather.across));
    out[at + gather.rows] = bitcast<u32>(sum_row(row * gather.across + apart));
    var most = 0u;
    for (var s = 0u; s < gather.across; s++) { most = max(most, parts[2u * apart + row * gather.across + s]); }
    out[at + 2u * gather.rows] = most;
    return;
  }
  let cell = index - gather.cols - gather.rows;
  let cells = gather.cell_rows * gather.cell_cols;
  if (cell >= cells) { return; }
  let row = cell / gather.cell_cols;
  let col = cell % gather.cell_cols;
  let at = 3u * (gather.cols + gather.rows) + cell;
  out[at] = bitcast<u32>(sum_cell(row, col, 0u));
  out[at + cells] = bitcast<u32>(sum_cell(row, col, 1u));
}
`;
