import { type RunSize, threadsOf } from "../fields.ts";
import { inputWgsl, paramsWgsl } from "./common.ts";

/** Comparators of Batcher's odd-even merge sort (1968) for n values, n a power of two. */
export function comparators(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let p = 1; p < n; p *= 2) {
    for (let k = p; k >= 1; k /= 2) {
      for (let j = k % p; j + k < n; j += 2 * k) {
        for (let i = 0; i < k; i++) {
          const [a, b] = [i + j, i + j + k];
          if (b < n && Math.floor(a / (2 * p)) === Math.floor(b / (2 * p))) pairs.push([a, b]);
        }
      }
    }
  }
  return pairs;
}

const networkWgsl = (size: RunSize): string =>
  comparators(size)
    .map(
      ([a, b]) =>
        `{ let least = min(keys[${a}], keys[${b}]); keys[${b}] = max(keys[${a}], keys[${b}]); keys[${a}] = least; }`,
    )
    .join("\n  ");

const loopWgsl = /* wgsl */ `
  for (var i = 1u; i < RUN; i++) {
    let key = keys[i];
    var j = i;
    for (; j > 0u && keys[j - 1u] > key; j--) { keys[j] = keys[j - 1u]; }
    keys[j] = key;
  }`;

/**
 * Writes every run of a matrix with its elements in ascending order of their magnitudes, so that neighbouring threads of a
 * sweep kernel read neighbouring quads. Compact for programs on the processor, which are slow to compile long shaders.
 */
export const sortWgsl = (size: RunSize, compact: boolean): string => /* wgsl */ `${paramsWgsl(size)}${inputWgsl}
const TILE_RUNS = ${threadsOf(size)}u;
@group(0) @binding(2) var<storage, read_write> sorted: array<vec4<u32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let run = (group.y * groups.x + group.x) * THREADS + thread;
  let tile = run / TILE_RUNS;
  if (tile >= params.tiles) { return; }
  var keys = load_run(run);
  // The sign goes last.
  for (var k = 0u; k < RUN; k++) { keys[k] = (keys[k] << 1u) | (keys[k] >> 31u); }
  ${compact ? loopWgsl : networkWgsl(size)}
  for (var k = 0u; k < QUADS; k++) {
    let four = vec4<u32>(keys[4u * k], keys[4u * k + 1u], keys[4u * k + 2u], keys[4u * k + 3u]);
    sorted[(tile * QUADS + k) * TILE_RUNS + run % TILE_RUNS] = (four >> vec4<u32>(1u)) | (four << vec4<u32>(31u));
  }
}
`;
