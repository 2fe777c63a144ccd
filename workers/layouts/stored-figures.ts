import type { CodeHistogram, ScaleReport } from "../../kernels/report/report.ts";

/** How values are spread under one option of one reading. Weights are smooth: a wrong reading seldom is. */
export interface Plausibility {
  reading: string;
  option: string;
  mean: number;
  std: number;
  /** Fourth standardised moment, 3 for a Gaussian; null where all values are equal. */
  kurtosis: number | null;
  /** Standard deviation of log2 of the root mean squares of runs of neighbours: how unlike each other blocks are. */
  blockSpread: number | null;
  /** Correlation of neighbours. */
  neighbours: number | null;
  nonFinite: number;
}

/** What a sample of a quantized weight shows. */
export interface StoredFigures {
  /** Elements looked at. */
  sampled: number;
  codes: CodeHistogram;
  /** Bits. */
  codeEntropy: number;
  scales: ScaleReport;
  /** Use of the zero points, where they are whole numbers. */
  zeros: CodeHistogram | null;
  /** Every option of every reading, the others as the target says. */
  plausibility: Plausibility[];
}
