/**
 * What the sweep kernels share. A thread holds a run of elements in registers, sorted by magnitude, and sends it through one
 * recipe after the other; what the threads of a workgroup added up is summed through workgroup memory for a few recipes at
 * a time.
 *
 * Levels are exact. A value is rounded with a reciprocal of the scale that is nearly right, and runs in which some value
 * may lie on the other side of a middle between levels are looked at again with long products. Tensors whose values have
 * few digits lie on such middles too often for that: theirs are rounded twice, with a reciprocal that is surely too small
 * and with one that is surely too large, and where the two differ the value is on the middle: the sum of both, which has
 * room for every second level only, is twice the even one. Results are rounded as the definition says, fl32(level * scale)
 * and fl32(x - y).
 */
import { batchOf, type RunSize, recipeWgsl, SATURATED, SUMS, threadsOf } from "../fields.ts";
import { arithmeticWgsl } from "./arithmetic.ts";
import { closingWgsl, type SubgroupSizes } from "./closing.ts";
import { paramsWgsl } from "./common.ts";
import { levelsWgsl } from "./levels.ts";
import { loadWgsl, type RunText, runText } from "./run.ts";
import { scaleWgsl } from "./scale.ts";

/** What a sweep kernel is made for. */
export interface SweepTarget {
  /** Elements a run. */
  size: RunSize;
  /** Whether values have few digits. */
  short: boolean;
  /** Whether a scale's quotient is rounded to odd before it is stored. */
  long: boolean;
  /** Whether `fma` rounds once. */
  fused: boolean;
  /** Whether loops stay loops, for a program on the processor, which is slow to compile long shaders. */
  compact: boolean;
  /** Where there are some. */
  subgroups: SubgroupSizes | null;
}

/** What makes a kernel of the frame. */
export interface SweepParts {
  declarations: string;
  /** What is done to an element once, when it is loaded. */
  element(value: string): string;
  /** Keeps what `extent` of block grid `k` says at `k * THREADS + thread`. */
  keep: string;
  /** Before the first recipe. */
  prepare: string;
  /** Sends the run through recipe `r`. */
  evaluate(run: RunText): string;
}

const bindingsWgsl = /* wgsl */ `
const SUMS = ${SUMS}u;
const NEVER = 3.4028234e38;
@group(0) @binding(1) var<storage, read> sorted: array<vec4<f32>>;
// Least and greatest value of each block, extended to hold zero, grid after grid.
@group(0) @binding(2) var<storage, read> extents: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> recipes: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> largest_errors: array<f32>;
@group(0) @binding(6) var<storage, read_write> dead: array<atomic<u32>>;
`;

/** Tells of a block whose scale is zero, by its first run. */
export const dies = "if (begins(run, params.grid[r.slot])) { atomicAdd(&dead[first + b], 1u); }";

export function sweepWgsl({ size, long, fused, compact, subgroups }: SweepTarget, parts: SweepParts): string {
  const run = runText(size, compact);
  const closing = closingWgsl(size, subgroups);
  return /* wgsl */ `
${closing.enable}
const BATCH = ${batchOf(size)}u;
${paramsWgsl(size, threadsOf(size))}${recipeWgsl}${arithmeticWgsl(fused)}${scaleWgsl(long)}${levelsWgsl}${bindingsWgsl}${closing.declarations}${parts.declarations}
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32${closing.builtins}) {
  let tile = group.y * groups.x + group.x;
  if (tile >= params.tiles) { return; }
  let run = tile * THREADS + thread;
  ${loadWgsl(run, parts.element)}
  for (var k = 0u; k < params.grids; k++) {
    var extent = vec2<f32>();
    if (run < params.runs) { extent = extents[params.grid[k].first + block_of(run, params.grid[k])] * params.factor; }
    ${parts.keep}
  }
  ${parts.prepare}
  ${closing.prepare}
  let quads = params.recipes * RECIPE_QUADS;
  for (var first = 0u; first < params.recipes; first += BATCH) {
    let count = min(BATCH, params.recipes - first);
    let quad = first * RECIPE_QUADS + thread;
    if (thread < BATCH * RECIPE_QUADS && quad < quads) { batch[thread / RECIPE_QUADS][thread % RECIPE_QUADS] = recipes[quad]; }
    workgroupBarrier();
    for (var b = 0u; b < count; b++) {
      let r = recipe_at(b);
      var squares = 0.0;
      var errors = 0.0;
      var energy = 0.0;
      // The largest error.
      var top = 0.0;
      // Values that become zero, and those beyond the range.
      var zeros = 0.0;
      var saturated = 0.0;
      ${parts.evaluate(run)}
      let counts = fma(saturated, ${SATURATED}.0, zeros);
      ${closing.keep}
    }
    workgroupBarrier();
    let at = tile * params.recipes + first;
    ${closing.close}
  }
}
`;
}
