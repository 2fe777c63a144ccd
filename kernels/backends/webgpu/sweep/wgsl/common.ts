import { type RunSize, SLOTS, THREADS } from "../fields.ts";

/** What every sweep kernel is told. */
export const paramsWgsl = (size: RunSize, threads = THREADS): string => /* wgsl */ `
const THREADS = ${threads}u;
const RUN = ${size}u;
const QUADS = RUN / 4u;
const MAGNITUDE = 0x7fffffffu;

// Blocks of one size: the first of their extents, rows of runs and runs a row of a block, blocks a row of blocks.
struct Grid { first: u32, block_rows: u32, block_runs: u32, grid_cols: u32 }

struct Params {
  rows: u32, cols: u32,
  // Runs lie along a row, or down a column: a line of them is a row, or RUN rows.
  down: u32, line_runs: u32,
  runs: u32, tiles: u32, recipes: u32, grids: u32,
  // Zero and one, which no compiler knows: what is multiplied and added with them cannot be fused or left out.
  factor: f32, zero: f32, one: f32,
  // RUN, likewise: a loop up to it stays a loop.
  run: u32,
  grid: array<Grid, ${SLOTS}>,
}
@group(0) @binding(0) var<uniform> params: Params;

fn block_of(run: u32, grid: Grid) -> u32 {
  return (run / params.line_runs / grid.block_rows) * grid.grid_cols + (run % params.line_runs) / grid.block_runs;
}

// Whether the run is the first of its block.
fn begins(run: u32, grid: Grid) -> bool {
  return run < params.runs && (run / params.line_runs) % grid.block_rows == 0u
    && (run % params.line_runs) % grid.block_runs == 0u;
}
`;

/** Where a run of elements lies in the matrix. */
export const inputWgsl = /* wgsl */ `
const INFINITY_BITS = 0x7f800000u;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;

// NaN and Inf become zero.
fn finite(bits: u32) -> u32 { return select(bits, 0u, (bits & INFINITY_BITS) == INFINITY_BITS); }

// The bits of a run's elements, zero beyond the matrix.
fn load_run(run: u32) -> array<u32, RUN> {
  var out: array<u32, RUN>;
  if (run >= params.runs) { return out; }
  let line = run / params.line_runs;
  let along = run % params.line_runs;
  if (params.down == 1u) {
    let count = min(RUN, params.rows - line * RUN);
    for (var k = 0u; k < RUN; k++) {
      let i = (line * RUN + min(k, count - 1u)) * params.cols + along;
      out[k] = select(0u, finite(input[i / 4u][i % 4u]), k < count);
    }
    return out;
  }
  let first = line * params.cols + along * RUN;
  let count = min(RUN, params.cols - along * RUN);
  if (count == RUN && first % 4u == 0u) {
    for (var k = 0u; k < QUADS; k++) {
      let four = input[first / 4u + k];
      out[4u * k] = finite(four.x);
      out[4u * k + 1u] = finite(four.y);
      out[4u * k + 2u] = finite(four.z);
      out[4u * k + 3u] = finite(four.w);
    }
    return out;
  }
  for (var k = 0u; k < RUN; k++) {
    let i = first + min(k, count - 1u);
    out[k] = select(0u, finite(input[i / 4u][i % 4u]), k < count);
  }
  return out;
}
`;
