/**
 * What the sweep kernels share. A thread holds some runs of elements in registers, sorted, and sends them through one recipe
 * after the other; what the threads of a workgroup added up is summed through workgroup memory for a few recipes at a
 * time.
 *
 * Levels are exact: a value is rounded twice, with a reciprocal of the scale that is surely too small and with one that is
 * surely too large. Where both agree that is the level; runs in which they do not, because a value lies on a middle between
 * levels or very near, are done again with long products. Results are rounded as the definition says, fl32(level * scale)
 * and fl32(x - y).
 */
import { RUN, type Shape, SUMS, TILE_RUNS } from "../fields.ts";
import { arithmeticWgsl } from "./arithmetic.ts";
import { inputWgsl, paramsWgsl, recipesWgsl } from "./common.ts";
import { levelsWgsl } from "./levels.ts";
import { scaleWgsl } from "./scale.ts";
import { sortLoopWgsl, sortWgsl } from "./sort.ts";

/** A run of elements in a shader: variables, or an array in a compact shader. */
export interface RunText {
  /** Its place among the thread's runs. */
  place: string;
  names: readonly string[];
  array: string | null;
}

const count = (n: number) => Array.from({ length: n }, (_, k) => k);

/** The thread's runs one after the other; a loop over them in a compact shader. */
function eachRun(runs: number, compact: boolean, lines: (run: RunText) => string): string {
  if (compact) {
    const run = { place: "run", names: count(RUN).map((k) => `values[run][${k}]`), array: "values[run]" };
    return `for (var run = 0u; run < RUNS; run++) {${lines(run)}}`;
  }
  return count(runs)
    .map((run) => lines({ place: `${run}u`, names: count(RUN).map((k) => `x${run * RUN + k}`), array: null }))
    .join("");
}

/** The same lines for every element of a run. */
export function forAll({ names, array }: RunText, lines: (name: string) => string): string {
  if (array) return `for (var k = 0u; k < RUN; k++) { let x = ${array}[k]; ${lines("x")} }`;
  return names.map((name) => `{ ${lines(name)} }`).join("\n        ");
}

/** Adds the error of x, whose result is y. */
export const addError = (x: string) =>
  `let e = ${x} - y; squares = fma(e, e, squares); errors += abs(e); most = max(most, abs(e)); energy = fma(y, y, energy);`;

/** Does a run again where a value may have been rounded either way: lines for `x`, from then on one after the other. */
export const settleDoubts = ({ names }: RunText, lines: string): string => /* wgsl */ `
        if (doubt != 0u) {
          squares = 0.0;
          errors = 0.0;
          energy = 0.0;
          most = 0.0;
          kept = 0.0;
          var values = array<f32, RUN>(${names.join(", ")});
          for (var k = 0u; k < RUN; k++) {
            let x = values[k];
            ${lines}
            ${addError("x")}
          }
        }`;

/** What makes a kernel of the frame. */
export interface SweepParts {
  shape: Shape;
  declarations: string;
  /** What is done to an element once, when it is loaded. */
  element(value: string): string;
  /** Keeps what `extent` of block grid `k` says for the run in place `at`. */
  keep: string;
  /** Before the first recipe. */
  prepare: string;
  /** Sends a run through recipe `r`, with its extent kept `at`. */
  evaluate(run: RunText): string;
}

const sumsWgsl = ({ runs, batch }: Shape) => /* wgsl */ `
const RUNS = ${runs}u;
const TILE_RUNS = RUNS * THREADS;
const BATCH = ${batch}u;
const SUMS = ${SUMS}u;
const ROW = THREADS / 4u;
const NEVER = 3.4028234e38;
@group(0) @binding(4) var<storage, read_write> sums: array<u32>;
// A row for each sum of each recipe of a batch: first three sums of floats, then the largest error, then counts.
var<workgroup> parts: array<vec4<u32>, ${batch * SUMS} * ROW>;

fn put(row: u32, thread: u32, value: u32) { parts[row * ROW + thread / 4u][thread % 4u] = value; }

// Adds up a row. Threads start at different columns, which lie in different banks.
fn float_sum(row: u32) -> u32 {
  var sum = vec4<f32>();
  for (var k = 0u; k < ROW; k++) { sum += bitcast<vec4<f32>>(parts[row * ROW + (k + row) % ROW]); }
  return bitcast<u32>((sum.x + sum.y) + (sum.z + sum.w));
}

fn largest_of(row: u32) -> u32 {
  var most = vec4<u32>();
  for (var k = 0u; k < ROW; k++) { most = max(most, parts[row * ROW + (k + row) % ROW]); }
  return max(max(most.x, most.y), max(most.z, most.w));
}

fn count_of(row: u32) -> u32 {
  var sum = vec4<u32>();
  for (var k = 0u; k < ROW; k++) { sum += parts[row * ROW + (k + row) % ROW]; }
  return (sum.x + sum.y) + (sum.z + sum.w);
}
`;

const declare = (runs: number, compact: boolean): string =>
  compact
    ? "var values: array<array<f32, RUN>, RUNS>;"
    : count(runs * RUN)
        .map((k) => `var x${k} = 0.0;`)
        .join(" ");

const loadRun = ({ place, names, array }: RunText, { element, keep }: SweepParts) => /* wgsl */ `
  {
    let run_index = tile * TILE_RUNS + ${place} * THREADS + thread;
    let loaded = load_run(run_index);
    ${names.map((name, k) => `${name} = ${element(`loaded[${k}]`)};`).join(" ")}
    ${array ? sortLoopWgsl(array) : sortWgsl(names)}
    for (var k = 0u; k < params.grids; k++) {
      let grid = params.grid[k];
      var extent = vec2<f32>();
      if (run_index < params.runs) { extent = extents[grid.first + block_of(run_index, grid)] * params.factor; }
      if (begins(run_index, grid)) { begun |= 1u << (k * RUNS + ${place}); }
      let at = (k * RUNS + ${place}) * THREADS + thread;
      ${keep}
    }
  }`;

const evaluateRun = (run: RunText, { evaluate }: SweepParts) => /* wgsl */ `
      {
        let block = r.slot * RUNS + ${run.place};
        let at = block * THREADS + thread;
        let begins_block = (begun >> block) & 1u;
        var squares = 0.0;
        var errors = 0.0;
        var energy = 0.0;
        var most = 0.0;
        // Values that do not become zero.
        var kept = 0.0;
        var saturated = 0u;
        var dead = 0u;
        // Bits in which the two roundings of some value differ.
        var doubt = 0u;
        ${evaluate(run)}
        all_squares += squares;
        all_errors += errors;
        all_energy += energy;
        all_most = max(all_most, most);
        counts += (RUN - u32(kept)) | (saturated << 12u) | (dead << 24u);
      }`;

/** Compact where `fma` does not round once: that is a program on the processor, which is slow to compile long shaders. */
export const sweepWgsl = (fused: boolean, parts: SweepParts): string => /* wgsl */ `
${paramsWgsl(TILE_RUNS / parts.shape.runs)}${inputWgsl}${recipesWgsl}${arithmeticWgsl(fused)}${scaleWgsl}${levelsWgsl}${sumsWgsl(parts.shape)}${parts.declarations}
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let tile = group.y * groups.x + group.x;
  if (tile >= params.tiles) { return; }
  ${declare(parts.shape.runs, !fused)}
  // A bit for each grid and run: whether the run begins a block.
  var begun = 0u;
  ${eachRun(parts.shape.runs, !fused, (run) => loadRun(run, parts))}
  ${parts.prepare}
  for (var first = 0u; first < params.recipes; first += BATCH) {
    let count = min(BATCH, params.recipes - first);
    for (var b = 0u; b < count; b++) {
      let r = recipes[first + b];
      var all_squares = 0.0;
      var all_errors = 0.0;
      var all_energy = 0.0;
      var all_most = 0.0;
      var counts = 0u;
      ${eachRun(parts.shape.runs, !fused, (run) => evaluateRun(run, parts))}
      put(b, thread, bitcast<u32>(all_squares));
      put(BATCH + b, thread, bitcast<u32>(all_errors));
      put(2u * BATCH + b, thread, bitcast<u32>(all_energy));
      put(3u * BATCH + b, thread, bitcast<u32>(all_most));
      put(4u * BATCH + b, thread, counts);
    }
    workgroupBarrier();
    // Two groups of threads, for they do not do the same.
    let half = thread / (THREADS / 2u);
    let row = thread % (THREADS / 2u);
    let at = (tile * params.recipes + first + row % BATCH) * SUMS + row / BATCH;
    if (row % BATCH < count) {
      if (half == 0u) {
        if (row < 3u * BATCH) { sums[at] = float_sum(row); }
      } else if (row < BATCH) {
        sums[at + 3u] = largest_of(3u * BATCH + row);
      } else if (row < 2u * BATCH) {
        sums[at + 3u] = count_of(3u * BATCH + row);
      }
    }
    workgroupBarrier();
  }
}
`;
