import { exactWgsl } from "./exact.ts";
import { productsWgsl } from "./filter.ts";

export const PROBE_THREADS = 256;
export const PROBE_PRODUCTS = 64;

/**
 * What a device does that WGSL leaves open: whether products are rounded to nearest, and how far neighbours in a
 * workgroup are neighbours in a subgroup. The first word counts products that are not, the second has bit k set where
 * 2^k neighbours are not.
 */
export const probeWgsl = (subgroups: boolean) => /* wgsl */ `
${subgroups ? "enable subgroups;\ndiagnostic(off, subgroup_uniformity);" : ""}
@group(0) @binding(0) var<storage, read_write> out: array<atomic<u32>>;
${exactWgsl}
${productsWgsl.rounded}

// Significands of any kind, exponents that keep products normal.
fn draw(k: u32) -> u32 {
  var h = k * 0x9e3779b1u;
  h = (h ^ (h >> 15u)) * 0x85ebca77u;
  h = (h ^ (h >> 13u)) * 0xc2b2ae3du;
  h ^= h >> 16u;
  return ((64u + (h >> 25u)) << 23u) | (h & 0x7fffffu);
}

// Short factors among them, as levels are: ties are common then.
fn factor(k: u32) -> u32 { return draw(k) & ~((1u << (k % 24u)) - 1u); }

@compute @workgroup_size(${PROBE_THREADS})
fn main(@builtin(local_invocation_index) thread: u32${subgroups ? ", @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) size: u32" : ""}) {
  for (var k = 0u; k < ${PROBE_PRODUCTS}u; k += 4u) {
    let first = thread * ${2 * PROBE_PRODUCTS}u + 2u * k;
    let a = vec4<u32>(factor(first), factor(first + 1u), factor(first + 2u), factor(first + 3u));
    let b = draw(first + 4u);
    let got = bitcast<vec4<u32>>(results(bitcast<vec4<f32>>(a), bitcast<f32>(b)));
    for (var c = 0u; c < 4u; c++) {
      if (got[c] != product(unpack(a[c]), unpack(b))) { atomicAdd(&out[0], 1u); }
    }
  }
  ${
    subgroups
      ? `for (var k = 0u; k < 5u; k++) {
    let step = 1u << k;
    if (2u * step > size || subgroupShuffleXor(thread, step) != (thread ^ step) || lane % (2u * step) != thread % (2u * step)) {
      atomicOr(&out[1], 1u << k);
    }
  }`
      : ""
  }
}
`;
