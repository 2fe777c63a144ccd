/** One token times a matrix of packed codes, as `packed.ts` lays them out: a workgroup a row. */
import { codesAWord, hasScales, type Width } from "./packed.ts";

export const THREADS = 64;

/** Bindings: 0 rows and groups (uniform, two u32), 1 words, 2 token, 3 product, 4 scales where the width has them. */
export function multiplyWgsl(width: Width): string {
  const codes = codesAWord(width);
  const four = (k: number): string => {
    if (width === 32) return "bitcast<vec4<f32>>(word)";
    if (width === 16)
      return `bitcast<vec4<f32>>(${k === 0 ? "word << vec4<u32>(16u)" : "word & vec4<u32>(0xffff0000u)"})`;
    const code = `(word >> vec4<u32>(${k * width}u)) & vec4<u32>(${2 ** width - 1}u)`;
    return `vec4<f32>(vec4<i32>(${code}) - vec4<i32>(${2 ** (width - 1)}))`;
  };
  const parts = Array.from(
    { length: codes },
    (_, k) => `    part += dot(${four(k)}, token[group * ${codes}u + ${k}u]);`,
  );
  return /* wgsl */ `
struct Size { rows: u32, groups: u32 }
@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> token: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> product: array<f32>;
${hasScales(width) ? "@group(0) @binding(4) var<storage, read> scales: array<f32>;" : ""}
var<workgroup> sums: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) place: vec3<u32>, @builtin(num_workgroups) places: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let row = place.y * places.x + place.x;
  var sum = 0.0;
  // Rows beyond the last are there where there are more than fit side by side.
  let groups = select(0u, size.groups, row < size.rows);
  for (var group = thread; group < groups; group += ${THREADS}u) {
    let word = words[row * size.groups + group];
    var part = 0.0;
${parts.join("\n")}
    sum += ${hasScales(width) ? "part * scales[row * size.groups + group]" : "part"};
  }
  sums[thread] = sum;
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    if (thread < half) { sums[thread] += sums[thread + half]; }
    workgroupBarrier();
  }
  if (thread == 0u && row < size.rows) { product[row] = sums[0]; }
}
`;
}
