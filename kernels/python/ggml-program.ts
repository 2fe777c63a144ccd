/** The program of a recipe whose quantizer is one of ggml's. */

import { decode } from "../formats/codes.ts";
import { buildFormat } from "../formats/registry.ts";
import type { CodedFormat } from "../formats/types.ts";
import type { BlockCodec } from "../ggml/codecs.ts";
import { IQ4_LEVELS } from "../ggml/names.ts";
import { RecipeError } from "../grammar/errors.ts";
import * as ggml from "./ggml.ts";
import { list, wrapped } from "./literals.ts";
import { BLOCK_QUANTIZE, type Program } from "./program.ts";

const affine = [ggml.GGML_SEARCH_AFFINE, ggml.GGML_K_AFFINE];
const levels = `LEVELS = np.array([${list(IQ4_LEVELS)}], f32)`;

/** Pieces and constants by the name of the quantizer. */
const quantizers: Record<string, { pieces: readonly string[]; constants: readonly string[] }> = {
  q4_0: { pieces: [ggml.GGML_SIGNED], constants: ["BITS = 4"] },
  q5_0: { pieces: [ggml.GGML_SIGNED], constants: ["BITS = 5"] },
  q4_1: { pieces: [ggml.GGML_AFFINE], constants: ["BITS = 4"] },
  q5_1: { pieces: [ggml.GGML_AFFINE], constants: ["BITS = 5"] },
  q8_0: { pieces: [ggml.GGML_Q8], constants: [] },
  q1_0: { pieces: [ggml.GGML_SIGNS], constants: [] },
  q2_0: { pieces: [ggml.GGML_TERNARY], constants: ["WITHOUT_SCALE = 0"] },
  tq1_0: { pieces: [ggml.GGML_TERNARY], constants: ["WITHOUT_SCALE = 1"] },
  tq2_0: { pieces: [ggml.GGML_TERNARY], constants: ["WITHOUT_SCALE = 1"] },
  q2_k: { pieces: affine, constants: ["SUB, MOST, RMIN, STEPS, STORED_MOST = 16, 3, -0.5, 15, 15"] },
  q4_k: { pieces: affine, constants: ["SUB, MOST, RMIN, STEPS, STORED_MOST = 32, 15, -1.0, 20, 63"] },
  q5_k: { pieces: affine, constants: ["SUB, MOST, RMIN, STEPS, STORED_MOST = 32, 31, -0.5, 15, 63"] },
  q3_k: { pieces: [ggml.GGML_K_SIGNED_STORE, ggml.GGML_Q3], constants: [] },
  q6_k: { pieces: [ggml.GGML_K_SIGNED_STORE, ggml.GGML_Q6], constants: [] },
  iq4_nl: { pieces: [ggml.GGML_IQ4], constants: [levels] },
  iq4_xs: { pieces: [ggml.GGML_IQ4], constants: [levels] },
  ggml_mxfp4: { pieces: [ggml.GGML_FP4, ggml.GGML_MXFP4], constants: [] },
  ggml_nvfp4: { pieces: [ggml.GGML_FP4, ggml.GGML_NVFP4], constants: [] },
};

export function blockProgram({ name, type, offsetSign }: BlockCodec): Program {
  if (!Object.hasOwn(quantizers, name)) {
    throw new RecipeError(
      `${name} is not written as Python: its tables of points are ggml's, and too long for a program`,
    );
  }
  const { pieces, constants } = quantizers[name];
  const format = buildFormat({ name, args: [] }) as CodedFormat;
  const count = format.kind === "codebook" ? format.values.length : 2 ** format.bits;
  const values = Array.from({ length: count }, (_, code) => decode(format, code));
  return {
    functions: [ggml.GGML_TOOLS, ...pieces],
    constants: [
      ...constants,
      `ELEMENTS, OFFSETS_DOWN = ${type.elements}, ${offsetSign < 0 ? "True" : "False"}`,
      `LEVEL_OF = np.array([\n    ${wrapped(values)}\n])`,
    ],
    main: [BLOCK_QUANTIZE],
  };
}
