import { createDynamicMap } from "./dynamic-map.ts";

/** QLoRA's NormalFloat 4 (Dettmers et al. 2023, arXiv:2305.14314), the table of bitsandbytes. */
const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

/** AbnormalFloat 4 for blocks of 64 (Yoshida 2023, arXiv:2306.06965), the table of bitsandbytes. */
const af4 = [
  -1, -0.69441008, -0.51243739, -0.3736951, -0.25607552, -0.14982478, -0.04934812, 0, 0.04273164, 0.12934483,
  0.21961274, 0.31675666, 0.42563882, 0.55496234, 0.72424863, 1,
];

/** bitsandbytes FP4: twelfths, the sign in bit 3, and codes that are not in the order of their values. */
const bnbfp4Magnitudes = [0, 0.0625, 8, 12, 4, 6, 2, 3].map((v) => v / 12);

const registered: Record<string, () => number[]> = {
  nf4: () => nf4,
  af4: () => af4,
  bnbfp4: () => [...bnbfp4Magnitudes, ...bnbfp4Magnitudes.map((v) => -v)],
  dynamic8: createDynamicMap,
  binary: () => [-1, 1],
  ternary: () => [-1, 0, 1],
};

/** Levels of a registered codebook by code, or null. */
export function codebookValues(name: string): Float32Array | null {
  const bipolar = /^bipolar([1-8])$/.exec(name);
  if (bipolar) {
    const n = 2 ** Number(bipolar[1]);
    return Float32Array.from({ length: n }, (_, code) => 2 * code - (n - 1));
  }
  return Object.hasOwn(registered, name) ? Float32Array.from(registered[name]()) : null;
}
