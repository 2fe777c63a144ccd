import type { Alias } from "../grammar/signature.ts";

/**
 * Short names for recipes in wide use, and presets that imitate a library to the bit. An alias supplies parts; what
 * follows it in a recipe overrides them. The text is itself notation.
 *
 * A preset (`exact`) is a promise about one library: it is printed only for exactly its own tree, since "bitsandbytes,
 * but" is no longer bitsandbytes.
 */
export const aliases: readonly Alias[] = [
  { name: "mxfp4", text: "e2m1/32~mx(floor):e8m0", describe: "OCP MXFP4: E2M1 in blocks of 32 with E8M0 scales" },
  { name: "mxfp6", text: "e2m3/32~mx(floor):e8m0", describe: "OCP MXFP6, E2M3 elements" },
  { name: "mxfp6_e3m2", text: "e3m2/32~mx(floor):e8m0", describe: "OCP MXFP6, E3M2 elements" },
  { name: "mxfp8", text: "e4m3/32~mx(floor):e8m0", describe: "OCP MXFP8, E4M3 elements" },
  { name: "mxfp8_e5m2", text: "e5m2/32~mx(floor):e8m0", describe: "OCP MXFP8, E5M2 elements" },
  { name: "mxint8", text: "int8(frac=6)/32~mx(floor):e8m0", describe: "OCP MXINT8: Q1.6 integers with E8M0 scales" },
  {
    name: "dfp8",
    exact: true,
    text: "int8/tensor~mx(floor):e8m0",
    describe: "dynamic fixed point: one exponent a tensor",
    differs: "its sums of products in 32 bits are not imitated",
  },
  {
    name: "dfp16",
    exact: true,
    text: "int16/tensor~mx(floor):e8m0",
    describe: "the same with 16 bits",
    differs: "its sums of products in 32 bits are not imitated",
  },
  {
    name: "nvfp4",
    text: "e2m1/16:e4m3/tensor",
    describe: "NVFP4: E2M1 in blocks of 16, E4M3 scales, one float32 a tensor",
  },
  {
    name: "bnb_nf4",
    exact: true,
    text: "nf4(arith=bnb)/flat(64):dynamic8(offset=mean)/flat(256)",
    describe: "bitsandbytes NF4: flat blocks of 64, double quantization",
    differs:
      "as its CUDA kernels decide, whose build divides approximately and takes subnormals for zero, and whose mean of the maxima is added in an order of its own: a scale may differ in its last place",
  },
  {
    name: "bnb_fp4",
    exact: true,
    text: "bnbfp4(arith=bnb)/flat(64)",
    describe: "bitsandbytes FP4: flat blocks of 64",
    differs: "as its CUDA kernels decide, whose build divides approximately and takes subnormals for zero",
  },
  {
    name: "torchao_mxfp4",
    exact: true,
    text: "e2m1(nonfinite=poison)/32~mx(floor):e8m0",
    describe: "torchao MXFP4 with the floor rule: a block with NaN or Inf becomes NaN",
    differs: "codes of such a block mean nothing, and are others there",
  },
  {
    name: "torchao_nvfp4",
    exact: true,
    text: "e2m1(arith=torchao)/16:e4m3(least=0.015625)/tensor",
    describe: "torchao NVFP4: block scales at least 2^-6, reciprocal arithmetic in float32",
    differs: "a tensor of zeros becomes NaN as it does there, while NaN and Inf, which spread there, are left out",
  },
  {
    name: "modelopt_nvfp4",
    exact: true,
    text: "e2m1(zero=1,arith=modelopt)/16:e4m3(least=0.001953125)/tensor",
    describe: "ModelOpt NVFP4: block scales at least 2^-9, that of a zero block is 1, division in float32",
    differs: "a tensor of zeros becomes NaN as it does there, while NaN and Inf, which spread there, are left out",
  },
];
