/**
 * Figures of the catalogue's checks that do not come out here, or cannot be tried: which, why, and what was found instead. README.md has them
 * as a table. All others are claims of `section-*.ts` or stand in the tests that `tested.ts` names.
 */
export interface Unreproduced {
  /** The paper's section in the catalogue. */
  section: string;
  /** The figure, in words. */
  what: string;
  why: string;
  /** What was found instead; null where nothing could be tried. */
  found: string | null;
}

/** Figures of models at work, which no tensor by itself has. */
const MODEL = "a figure of a model or of hardware, which no tensor by itself has";

export const unreproduced: readonly Unreproduced[] = [
  {
    section: "1.1",
    what: "t(3): INT8 20.0 dB and E2M5 23.7 dB, to 3 %",
    why: "the largest of the draws decides, and is another in each",
    found:
      "18.3 to 23.7 dB and 22.9 to 28.1 dB over six draws of 2^18; E3M4 36.5 to 37.4 dB where 36.3 is said; E4M3 as said",
  },
  {
    section: "1.5",
    what: "1 bit in two's complement: 0.595",
    why: "such a code has no positive level, and a recipe of it is refused",
    found: "as bipolar integers 0.3634, as said; 2 to 4 bits in both ways as said",
  },
  {
    section: "1.8",
    what: "one searched scale a tensor: 7.6e-2; powers of two a channel: 1.9e-2; a scale a token: 4.8e-2",
    why: "they go with how loud the loudest of the log-normal channels come out, which is not said",
    found:
      "6.2e-2 to 6.5e-2, 1.6e-2 to 2.0e-2 and 4.3e-2 to 4.7e-2 over three draws of 512 channels; real scales a channel as said",
  },
  {
    section: "1.9",
    what: "t(3): 8.3 octaves from the lower quartile to the largest",
    why: "the largest of the draws is another in each",
    found: "7.6 to 8.4 over four draws of 2^18; the formats' order and errors as said",
  },
  {
    section: "2.3",
    what: "one INT4 scale a channel: 3.8e-2",
    why: "the length of a channel is not said",
    found: "2.5e-2 for rows of 4,096, which is section 2.2's figure, too; 3.8e-2 for one scale of 2^18 values",
  },
  {
    section: "2.4",
    what: "multipliers of 31 bits: an error of 4.6e-10",
    why: "scales are float32 values, and dyadic ones have 15 bits at the most",
    found: "15 bits 3.0e-5 and 7 bits 7.7e-3, as said",
  },
  {
    section: "2.6",
    what: "cosine 99.52 %, L1 0.077, RMSE 0.201 in NVFP4, and the other figures of its table",
    why: "its queries, keys and values are a model's that is not at hand",
    found: "on Gaussian heads outputs' errors of 1.27e-3 directly and 2.6e-4 under scales of two levels, as said",
  },
  { section: "2.8", what: "latency -61 %, throughput +156 %", why: MODEL, found: null },
  { section: "3.3", what: "+6.819 points of a 4-bit vision transformer", why: MODEL, found: null },
  { section: "4.1", what: "a slowdown of 0.07, less than 1 % lost at 70 billion parameters", why: MODEL, found: null },
  { section: "4.2", what: "the table of recovered accuracy", why: MODEL, found: null },
  {
    section: "4.2",
    what: "Laplace, MXFP4 under scales over 3/4, rotated: 0.76 times the error",
    why: "no rule of a scale divides the power of two by 3/4",
    found: "0.82 times by the floored power of two, as said",
  },
  {
    section: "4.2",
    what: "GPTQ on correlated inputs, NVFP4: 9.0e-3, 2.7e-3, and 1.6e-3 in the Gram matrix's order",
    why: "how inputs are correlated is not said",
    found:
      "9.4e-3, 1.7e-3 and 1.2e-3 where neighbours correlate by 0.9 and channels' gains are log-normal with 0.6; the weight's error rises to 2.4e-2 (2.3e-2)",
  },
  {
    section: "5.2",
    what: "the paper's own table of activations: cosine, squared error and SNR by quantile",
    why: "its activations are a model's that is not at hand",
    found: "on made-up ones 8.5 dB, 26.7 dB with compensation and 1.5 dB without, as said",
  },
  { section: "7.1", what: "+1.71 points of MobileNetV2 over DFQ, in less than 30 s", why: MODEL, found: null },
  {
    section: "8.4",
    what: "with shuffled channels the gain at two bits vanishes",
    why: "a group of one bit is the mean and the mean magnitude, which loses less of a Gaussian than four levels from the least to the largest",
    found:
      "0.87 times the KL where channels are shuffled, 0.30 where the loud ones lie together; at three bits 1 and 0.35",
  },
  {
    section: "8.7",
    what: "rank correlations of 42.6, 57.2 and 79.2 % at the top 20, 50 and 100 %; 48 % for the model's size alone",
    why: "they are of a benchmark of quantized image networks with their accuracies, which is not at hand",
    found:
      "on 16 stated layers, configurations held out: the evolved proxy 83, 95 and 98 %, the best built-in one (HAWQ-V2) 74, 88 and 96 %, the size alone 45, 38 and 50 %",
  },
  {
    section: "8.9",
    what: "2.2 times fewer bit operations",
    why: "how many patches take which width is not said",
    found: "1.9 times where a twentieth stays in 8 bits and all others take 4; 2.2 takes three of ten of those in 2",
  },
  {
    section: "8.12",
    what: "one range a tensor: 10.9, 18.7 and 27.7 dB",
    why: "they go with how loud the loudest of the log-normal channels come out, which is not said",
    found:
      "11.1, 19.0 and 28.2 dB on one draw of 256 channels, from 8.1, 14.4 and 22.7 dB on over four; ranges a channel as said",
  },
  {
    section: "11.5",
    what: "errors by weight and of the weight itself of ranks 32 and 64",
    why: "how far the log-normal weights spread is not said",
    found: "all eight within 15 % for a spread of 0.85",
  },
  { section: "11.11", what: "a peak of memory that is 70.2 % lower", why: MODEL, found: null },
  { section: "11.13", what: "ranks cut by 39.58 % for less than 1 % of perplexity", why: MODEL, found: null },
  {
    section: "11.16",
    what: "150 times fewer numbers",
    why: "of solvers of partial differential equations",
    found: null,
  },
];
