/** Quantizers of ggml as formats of the notation: what a list or a page needs to know of them, without their arithmetic. */

/** What codes stand for: a format of the notation, or levels by code. */
export type Levels = string | readonly number[];

export interface BlockQuantizer {
  /** As recipes name it. */
  name: string;
  /** ggml's type. */
  type: string;
  levels: Levels;
  describe: string;
  /** ggml makes the type with importance weights alone; without them columns count alike here. */
  needsImportance: boolean;
  /** Whether importance weights change what ggml makes of values. */
  weighs: boolean;
}

/** The types of `ggml_quantize_requires_imatrix`. */
const NEED_IMPORTANCE = ["IQ1_S", "IQ2_XXS", "IQ2_XS"];

/** The types whose quantizer takes no notice of weights. */
const WEIGHTLESS = ["Q8_0", "Q1_0", "Q2_0", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4"];

/** Levels of IQ4_NL and IQ4_XS (ggml's kvalues_iq4nl). */
export const IQ4_LEVELS = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** Magnitudes of the grids: of IQ2, IQ3_XXS and IQ3_S. */
const [IQ2, IQ3_XXS, IQ3_S] = [
  [8, 25, 43],
  [4, 12, 20, 28, 36, 44, 52, 62],
  [1, 3, 5, 7, 9, 11, 13, 15],
];

/** With both signs, by rising value. */
const bothSigns = (magnitudes: readonly number[]): number[] => [...magnitudes.map((m) => -m).reverse(), ...magnitudes];

/** -1, 0 and 1, each an eighth down and an eighth up. */
const IQ1 = [-1.125, -0.875, -0.125, 0.125, 0.875, 1.125];

/** Whole numbers from -zero on, by their codes from 0 on. */
const around = (count: number, zero: number): number[] => Array.from({ length: count }, (_, code) => code - zero);

/** Signed bytes by their bits. */
const BYTES = Array.from({ length: 256 }, (_, code) => (code << 24) >> 24);

const quantizer = (type: string, levels: Levels, describe: string, name = type.toLowerCase()): BlockQuantizer => ({
  name,
  type,
  levels,
  describe: `ggml ${type}: ${describe}`,
  needsImportance: NEED_IMPORTANCE.includes(type),
  weighs: !WEIGHTLESS.includes(type),
});

/** By rising bits a weight within each family. */
export const blockQuantizers: readonly BlockQuantizer[] = [
  quantizer(
    "Q4_0",
    around(16, 8),
    "4 bits, blocks of 32; int4(signmax)/32:f16 but rounded by the float32 scale, ties up",
  ),
  quantizer("Q4_1", "uint4", "4 bits, blocks of 32 from the least to the greatest value"),
  quantizer(
    "Q5_0",
    around(32, 16),
    "5 bits, blocks of 32; int5(signmax)/32:f16 but rounded by the float32 scale, ties up",
  ),
  quantizer("Q5_1", "uint5", "5 bits, blocks of 32 from the least to the greatest value"),
  quantizer("Q8_0", BYTES, "8 bits, blocks of 32; int8@away/32:f16 but rounded by the float32 scale"),
  quantizer("Q2_K", "uint2", "2 bits, sub-blocks of 16 with 4-bit scales and minima, searched"),
  quantizer("Q3_K", around(8, 4), "3 bits, sub-blocks of 16 with 6-bit scales, searched"),
  quantizer("Q4_K", "uint4", "4 bits, sub-blocks of 32 with 6-bit scales and minima, searched"),
  quantizer("Q5_K", "uint5", "5 bits, sub-blocks of 32 with 6-bit scales and minima, searched"),
  quantizer("Q6_K", around(64, 32), "6 bits, sub-blocks of 16 with 8-bit scales, searched"),
  quantizer("IQ1_S", IQ1, "8 elements a point of a grid of 2,048; scales of 32 in 3 bits, searched"),
  quantizer("IQ1_M", IQ1, "8 elements a point of a grid of 2,048; scales of 16 in 3 bits, searched"),
  quantizer(
    "IQ2_XXS",
    bothSigns(IQ2),
    "8 elements a point of a grid of 256, and 7 signs; scales of 32 in 4 bits, searched",
  ),
  quantizer(
    "IQ2_XS",
    bothSigns(IQ2),
    "8 elements a point of a grid of 512, and 7 signs; scales of 16 in 4 bits, searched",
  ),
  quantizer(
    "IQ2_S",
    bothSigns(IQ2),
    "8 elements a point of a grid of 1,024, and signs; scales of 16 in 4 bits, searched",
  ),
  quantizer(
    "IQ3_XXS",
    bothSigns(IQ3_XXS),
    "4 elements a point of a grid of 256, 7 signs for 8; scales of 32 in 4 bits, searched",
  ),
  quantizer(
    "IQ3_S",
    bothSigns(IQ3_S),
    "4 elements a point of a grid of 512, and signs; scales of 32 in 4 bits, searched",
  ),
  quantizer("IQ4_NL", [...IQ4_LEVELS], "16 unequal levels, blocks of 32, searched"),
  quantizer("IQ4_XS", [...IQ4_LEVELS], "16 unequal levels, sub-blocks of 32 with 6-bit scales, searched"),
  quantizer("TQ1_0", [-1, 0, 1], "-1, 0 and 1 times amax of 256, five to a byte"),
  quantizer("TQ2_0", [-1, 0, 1], "-1, 0 and 1 times amax of 256, 2 bits each"),
  quantizer("Q1_0", [-1, 1], "signs times the mean magnitude of 128"),
  quantizer("Q2_0", around(4, 1), "-1, 0 and 1 times amax of 64, 2 bits each"),
  quantizer("MXFP4", "e2m1", "mxfp4@inward, but for amax just below a power of two", "ggml_mxfp4"),
  quantizer("NVFP4", "e2m1", "E2M1 in blocks of 16 with UE4M3 scales and none a tensor", "ggml_nvfp4"),
];

const byName = new Map(blockQuantizers.map((q) => [q.name, q]));

/** The quantizer that a base of that name stands for, or undefined. */
export function blockQuantizer(name: string): BlockQuantizer | undefined {
  return byName.get(name);
}
