/** Grids to begin with. */
import { defaultGrid } from "./state.ts";

export interface GridPreset {
  label: string;
  /** What it is for, in a clause. */
  words: string;
  grid: string;
}

export const gridPresets: readonly GridPreset[] = [
  { label: "integers and floats", words: "groups of 32 and 128, MX and NVFP4", grid: defaultGrid },
  {
    label: "llama.cpp",
    words: "the block types of llama-quantize; rows of multiples of 256",
    grid: "q2_k;q3_k;q4_k;q5_k;q6_k;q8_0;iq2_xxs;iq2_s;iq3_xxs;iq3_s;iq4_xs;iq4_nl",
  },
  {
    label: "llama.cpp, any width",
    words: "its block types of 32",
    grid: "q4_0;q4_1;q5_0;q5_1;q8_0;iq4_nl;ggml_mxfp4",
  },
  {
    label: "MLX",
    words: "affine integers in groups of 32, 64 and 128, with a scale and a bias of 16 bits each",
    grid: `(${[2, 3, 4, 5, 6, 8].map((bits) => `int${bits}(asym,zp=f16)`).join(",")})/(32,64,128):f16`,
  },
  {
    label: "floats of Blackwell",
    words: "MXFP4, NVFP4, FP8 and MXFP8",
    grid: "mxfp4;nvfp4;mxfp6;mxfp8;e4m3/row;e4m3/128x128",
  },
  { label: "two widths", words: "int3 and int4 in groups of 128", grid: "(int3,int4)/128:f16" },
];
