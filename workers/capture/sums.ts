/** What is summed up of one input while text runs. */
import {
  type Calibration,
  type CalibrationSource,
  type Reduction,
  startReduction,
} from "../../kernels/calibration/index.ts";
import type { Pace } from "../../kernels/linalg/index.ts";
import type { Site } from "../../kernels/network/index.ts";
import type { CapturedInput, CaptureWants } from "./plan.ts";

/** Sums of squares and tokens of one expert. */
interface ExpertSums {
  tokens: number;
  square: Float64Array;
}

export interface InputSums {
  readonly input: CapturedInput;
  /** Tokens of a window at one of the input's sites, and what they were `before` the layers upstream were quantized. */
  add(site: Site, values: Float32Array, before: Float32Array | undefined): Promise<void>;
  /** Tokens of each expert, where there are several. */
  readonly expertTokens: number[] | undefined;
  /** Everything that was added; nothing is to be added afterwards. */
  finish(source: CalibrationSource): Promise<Calibration>;
  close(): void;
}

export async function startInput(input: CapturedInput, wants: CaptureWants, pace: Pace): Promise<InputSums> {
  const { cols, sites, bytes } = input;
  // Tokens are routed to other experts once the layers upstream are quantized: there is no pair of each.
  const cross = wants.cross && sites.every(({ expert }) => expert === undefined);
  const { keep, seed } = wants;
  const reduction: Reduction = await startReduction(cols, { keep, seed, pace, cross, gramBudget: bytes });
  const experts: ExpertSums[] = sites.map(() => ({ tokens: 0, square: new Float64Array(cols) }));
  const several = sites.length > 1;
  return {
    input,
    get expertTokens() {
      return several ? experts.map(({ tokens }) => tokens) : undefined;
    },
    async add(site, values, before) {
      await reduction.add(values, before);
      if (several) addSquares(experts[sites.findIndex(({ name }) => name === site.name)], values);
    },
    async finish(source) {
      const found = await reduction.finish(source);
      if (!several) return found;
      const idle = experts.filter(({ tokens }) => tokens === 0).length;
      const notes = idle > 0 ? [`${idle} of ${experts.length} experts met no token: their columns count alike`] : [];
      return {
        ...found,
        experts: { count: experts.length, meanSquare: meansOf(experts) },
        notes: [...found.notes, ...notes],
      };
    },
    close: () => reduction.close(),
  };
}

/** Adds finite tokens. */
function addSquares(into: ExpertSums, rows: Float32Array): void {
  const cols = into.square.length;
  for (let from = 0; from < rows.length; from += cols) {
    const token = rows.subarray(from, from + cols);
    if (!token.every(Number.isFinite)) continue;
    into.tokens++;
    for (let c = 0; c < cols; c++) into.square[c] += token[c] * token[c];
  }
}

/** Mean squares, an expert's after the other's; 1 for one that met no token, as llama.cpp takes it. */
function meansOf(experts: readonly ExpertSums[]): Float64Array {
  const cols = experts[0].square.length;
  const out = new Float64Array(experts.length * cols);
  experts.forEach(({ tokens, square }, e) => {
    for (let c = 0; c < cols; c++) out[e * cols + c] = tokens > 0 ? square[c] / tokens : 1;
  });
  return out;
}
