/** Words and parameters of the codes that are found for a whole matrix. What each does is a folder of `kernels/codes/`. */
import { seedParameter } from "../../grammar/seed.ts";
import type { Entry, Parameter } from "../../grammar/signature.ts";

const count = (key: string, min: number, max: number, standard: number, describe: string): Parameter => ({
  ...{ key, kind: "integer", min, max, default: standard, positional: true, describe },
});

const book = (standard: string, ...others: string[]): Parameter => ({
  ...{
    key: "book",
    kind: "word",
    words: [standard, ...others],
    default: standard,
    describe: "values of its states: 3INST, or another",
  },
});

const scale = (describe: string): Parameter => ({
  key: "scale",
  kind: "number",
  min: 0.0001,
  optional: true,
  describe,
});

const word = (key: string, standard: string, describe: string, ...others: string[]): Parameter => ({
  ...{ key, kind: "word", words: [standard, ...others], default: standard, describe },
});

const RATE: Parameter = {
  ...{
    key: "rate",
    kind: "number",
    min: 0.05,
    max: 12,
    default: 2,
    positional: true,
    describe: "bits of entropy a value",
  },
};

const SEED: Parameter = seedParameter("seed of the vectors that k-means begins with");

const BOOK: Parameter = {
  key: "book",
  kind: "quantizer",
  optional: true,
  describe: "how the codebook is stored: f16 if not said",
};

export const codeEntries = {
  vq: {
    describe: "vectors of a few values of a row, each the nearest of k that k-means finds for the tensor",
    params: [
      count("dim", 1, 16, 4, "values a vector"),
      count("k", 2, 65536, 256, "vectors in the codebook"),
      SEED,
      BOOK,
    ],
  },
  aqlm: {
    describe: "AQLM: vectors that are sums of one vector from each of some books, under a scale a row",
    params: [
      count("dim", 1, 16, 8, "values a vector"),
      count("books", 1, 8, 2, "books"),
      count("bits", 1, 16, 8, "bits of a code of one book"),
      { ...count("beam", 1, 32, 8, "sums that the search keeps"), positional: false },
      {
        ...count("rounds", 0, 32, 4, "times that codes and books are found anew; 0 leaves residual books"),
        positional: false,
      },
      SEED,
      BOOK,
    ],
  },
  kmeans: {
    describe: "k levels that k-means finds, for the tensor or for each row",
    params: [
      count("k", 2, 65536, 16, "levels"),
      { key: "per", kind: "word", words: ["tensor", "row"], default: "tensor", describe: "what has levels of its own" },
      {
        key: "weights",
        kind: "word",
        words: ["none", "inputs"],
        default: "none",
        describe: "errors counted alike, or by the mean squares of a calibration",
      },
      BOOK,
    ],
  },
  e8p: {
    describe: "QuIP#'s points of the lattice E8: 16 bits for eight values, and more for what they leave",
    params: [count("bits", 2, 4, 2, "bits a value"), scale("root mean square of what is coded: 1.03, at 3 bits 0.98")],
  },
  qtip: {
    describe: "QTIP: the cheapest walk of 16 bits through each 16x16 tile, found by Viterbi's algorithm",
    params: [
      count("bits", 1, 4, 2, "bits a value"),
      book("inst3", "mad1", "hybrid"),
      scale("root mean square of what is coded, in the book's own: 0.9"),
    ],
  },
  exl3: {
    describe: "ExLlamaV3: walks as QTIP's, in the order and with the books of EXL3",
    params: [
      count("bits", 1, 8, 2, "bits a value"),
      book("inst3", "mcg", "mul1"),
      scale("root mean square of what is coded, in the book's own: 1"),
    ],
  },
  turboquant: {
    describe: "TurboQuant: vectors of n values rotated, each coordinate coded by the book that is best for a Gaussian",
    params: [
      count("bits", 1, 5, 3, "bits a value, the residual's one among them"),
      count("n", 2, 4096, 128, "values a vector"),
      word("rotation", "random", "or Walsh and Hadamard's without signs, as vLLM has it", "hadamard"),
      word("residual", "none", "what is left is coded in one bit a value (QJL)", "qjl"),
      word("norm", "plain", "the norm is stored so that the coded vector has it, as vLLM has it", "corrected"),
      { ...SEED, describe: "seed of the rotation" },
      { ...BOOK, key: "norms", describe: "how norms are stored: f16 if not said" },
    ],
  },
  ecsq: {
    describe: "whole steps of one size for the tensor, counted by the entropy of the codes",
    params: [RATE],
  },
  watersic: {
    describe: "WaterSIC: whole steps by column, errors fed back through the Gram matrix, counted by entropy",
    params: [
      RATE,
      {
        key: "damp",
        kind: "number",
        min: 0,
        max: 100,
        default: 0.001,
        describe: "added to the Gram matrix's diagonal, as a share of its mean",
      },
    ],
  },
  hif4: {
    describe: "HiF4: S1P2 elements, an E6M2 scale of 64, bits that double eights and fours",
    params: [
      {
        key: "by",
        kind: "word",
        words: ["exact", "bf16"],
        default: "exact",
        describe: "exact, or the paper's bfloat16",
      },
    ],
  },
} as const satisfies Record<string, Omit<Entry, "name" | "whole">>;

export type CodeName = keyof typeof codeEntries;
