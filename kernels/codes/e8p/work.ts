import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { tensorScale } from "../scale.ts";
import { type VectorCoding, VectorColumns } from "../vector/columns.ts";
import { Nearest } from "../vector/nearest.ts";
import type { E8pCode } from "./plan.ts";
import { oneBitBook, parityOf } from "./points.ts";
import { E8pSearch } from "./search.ts";

/** What the rest is multiplied by before it is coded in turn (`opt_resid_scale` of QuIP#'s codebooks). */
const REST = { 3: 2.04, 4: 3.45 };

/** Codes of what eight values leave, and their points. */
type CodeRest = (values: Float32Array, codes: Uint32Array, points: Float32Array) => void;

async function oneBit(): Promise<CodeRest> {
  const book = oneBitBook();
  const nearest = await Nearest.of(Float64Array.from(book), 8);
  return (values, codes, points) => {
    nearest.find(values, codes);
    for (let i = 0; i < codes.length; i++) points.set(book.subarray(codes[i] * 8, codes[i] * 8 + 8), i * 8);
  };
}

async function codingOf({ bits, scale: wanted }: E8pCode, { values }: Matrix): Promise<VectorCoding> {
  const search = await E8pSearch.start();
  const scale = tensorScale(values, wanted);
  const rest: CodeRest | null = bits === 2 ? null : bits === 3 ? await oneBit() : (v, c, p) => search.find(v, c, p);
  const factor = bits === 2 ? 1 : REST[bits];
  const restBits = 8 * (bits - 2);
  return {
    dim: 8,
    codeBits: 8 * bits,
    code(own, results, codes) {
      const asked = Float32Array.from(own, (x) => (scale > 0 && x - x === 0 ? x / scale : 0));
      const points = new Float32Array(own.length);
      search.find(asked, codes, points);
      if (rest) {
        const [restCodes, restPoints] = [new Uint32Array(codes.length), new Float32Array(own.length)];
        rest(
          asked.map((x, i) => (x - points[i]) * factor),
          restCodes,
          restPoints,
        );
        for (let i = 0; i < codes.length; i++) codes[i] = codes[i] * 2 ** restBits + restCodes[i];
        for (let i = 0; i < points.length; i++) points[i] += restPoints[i] / factor;
      }
      for (let i = 0; i < points.length; i++) results[i] = scale > 0 ? points[i] * scale : 0;
    },
    bits: [],
    words(code) {
      const [first, left] = [Math.floor(code / 2 ** restBits), code % 2 ** restBits];
      const signs = first & 255;
      return [
        {
          what: "magnitudes",
          value: `${first >> 8} of 256: ${[...search.rows.subarray((first >> 8) * 8, (first >> 8) * 8 + 8)].join(" ")}`,
        },
        { what: "signs", value: signs.toString(2).padStart(8, "0") },
        { what: "shift", value: parityOf(signs) ? "-1/4" : "+1/4" },
        { what: "scale", value: String(scale) },
        ...(rest ? [{ what: "code of the rest", value: String(left) }] : []),
      ];
    },
  };
}

/**
 * QuIP#'s lattice code (Tseng and others, arXiv 2402.04396): the nearest of 2^16 points near the lattice E8, shifted by 1/4, to each eight
 * values; at 3 and 4 bits the rest is coded in turn. One scale for the tensor.
 */
export const work: WorkOf<E8pCode> = {
  encode: async (code, operand, _, job) => new VectorColumns(await codingOf(code, operand), operand, job).all(),
  begin: async (code, operand, _, job) => new VectorColumns(await codingOf(code, operand), operand, job),
};
