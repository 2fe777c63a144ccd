/** Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), the words of `kernels/random/threefry.ts`. */
export const threefryWgsl = /* wgsl */ `
fn threefry_mix(v: vec2<u32>, turn: u32) -> vec2<u32> {
  let a = v.x + v.y;
  return vec2<u32>(a, ((v.y << turn) | (v.y >> (32u - turn))) ^ a);
}

fn threefry_four(v: vec2<u32>, odd: bool) -> vec2<u32> {
  let turns = select(vec4<u32>(13u, 15u, 26u, 6u), vec4<u32>(17u, 29u, 16u, 24u), odd);
  return threefry_mix(threefry_mix(threefry_mix(threefry_mix(v, turns.x), turns.y), turns.z), turns.w);
}

// The first random word of a counter under a key.
fn threefry(key: vec2<u32>, counter: vec2<u32>) -> u32 {
  let key2 = 0x1bd11bdau ^ key.x ^ key.y;
  var v = counter + key;
  v = threefry_four(v, false) + vec2<u32>(key.y, key2 + 1u);
  v = threefry_four(v, true) + vec2<u32>(key2, key.x + 2u);
  v = threefry_four(v, false) + vec2<u32>(key.x, key.y + 3u);
  v = threefry_four(v, true) + vec2<u32>(key.y, key2 + 4u);
  v = threefry_four(v, false) + vec2<u32>(key2, key.x + 5u);
  return v.x;
}
`;
