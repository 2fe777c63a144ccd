import type { RunSize } from "../fields.ts";
import { inputWgsl, paramsWgsl } from "./common.ts";

/** Least and greatest value of every run, extended to hold zero; NaN and Inf count as zeros. */
export const runExtentsWgsl = (size: RunSize): string => /* wgsl */ `${paramsWgsl(size)}${inputWgsl}
@group(0) @binding(2) var<storage, read_write> out: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let run = (group.y * groups.x + group.x) * THREADS + thread;
  if (run >= params.runs) { return; }
  var low = 0.0;
  var high = 0.0;
  let values = load_run(run);
  for (var k = 0u; k < RUN; k++) {
    let x = bitcast<f32>(values[k]);
    low = min(low, x);
    high = max(high, x);
  }
  out[params.grid[0].first + run] = vec2<f32>(low, high);
}
`;

/** Extents of the blocks of grid 1 from those of grid 0, whose blocks are runs or whole lines. One thread a block. */
export const blockExtentsWgsl = /* wgsl */ `${paramsWgsl(16)}
@group(0) @binding(1) var<storage, read_write> extents: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let block = (group.y * groups.x + group.x) * THREADS + thread;
  let fine = params.grid[0];
  let grid = params.grid[1];
  let lines = (params.runs + params.line_runs - 1u) / params.line_runs;
  if (block >= grid.grid_cols * ((lines + grid.block_rows - 1u) / grid.block_rows)) { return; }
  let line = (block / grid.grid_cols) * grid.block_rows;
  let along = (block % grid.grid_cols) * grid.block_runs / fine.block_runs;
  let wide = (grid.block_runs + fine.block_runs - 1u) / fine.block_runs;
  var extent = vec2<f32>();
  for (var r = line; r < min(lines, line + grid.block_rows); r++) {
    for (var c = along; c < min(fine.grid_cols, along + wide); c++) {
      let one = extents[fine.first + r * fine.grid_cols + c];
      extent = vec2<f32>(min(extent.x, one.x), max(extent.y, one.y));
    }
  }
  extents[grid.first + block] = extent;
}
`;
