/** Times as a signal of scores: what each tensor takes under each recipe, by the width that the recipe stores. */
import type { AllocationTable } from "../../kernels/allocation/types.ts";
import { type Width, widthOf } from "../../kernels/signals/latency/packed.ts";
import { KEEP_CHOICE } from "../scores/table.ts";
import type { ScoredTensor, ScoreFile, SignalScores } from "../scores/types.ts";
import type { LatencyAnswer, Timing } from "./types.ts";

/** Products that a tensor takes part in: a stack of experts is not multiplied whole. */
const isMatrix = ({ shape }: ScoredTensor): boolean => shape.length === 2;

/** What has to be timed for scores: shapes of matrices, and the widths of their recipes and of `keep`. */
export function wantedFor({ tensors }: ScoreFile): { shapes: [number, number][]; widths: Width[] } {
  const matrices = tensors.filter(isMatrix);
  const shapes = new Map(
    matrices.map(({ shape: [rows, cols] }) => [`${rows} ${cols}`, [rows, cols] as [number, number]]),
  );
  const widths = matrices.flatMap((tensor) =>
    [...tensor.bits, tensor.storedBits].flatMap((bits) => (bits === null ? [] : [widthOf(bits / tensor.elements)])),
  );
  return { shapes: [...shapes.values()], widths: [...new Set(widths)].sort((a, b) => a - b) };
}

/** Milliseconds of a token. Null where the product was not timed. */
export function latencyScores({ tensors }: Pick<ScoreFile, "tensors">, answer: LatencyAnswer): SignalScores {
  const known = new Map(answer.timings.map((one) => [`${one.rows} ${one.cols} ${one.width}`, one]));
  const timing = (tensor: ScoredTensor, bits: number | null): Timing | undefined => {
    if (bits === null || !isMatrix(tensor)) return undefined;
    const [rows, cols] = tensor.shape;
    return known.get(`${rows} ${cols} ${widthOf(bits / tensor.elements)}`);
  };
  return {
    values: tensors.map((tensor) => tensor.bits.map((bits) => timing(tensor, bits)?.median ?? null)),
    about: answer.about,
  };
}

/** Milliseconds of each tensor as it is stored; null where it was not timed. */
export function keptLatency({ tensors }: Pick<ScoreFile, "tensors">, answer: LatencyAnswer): (number | null)[] {
  const alone = tensors.map((tensor) => ({ ...tensor, bits: [tensor.storedBits] }));
  return latencyScores({ tensors: alone }, answer).values.map(([value]) => value);
}

/** Milliseconds by item and choice of a table that was made of these scores: the second column of an objective. NaN where none is known. */
export function latencyCost(
  { items, choices }: AllocationTable,
  scores: ScoreFile,
  answer: LatencyAnswer,
): Float64Array {
  const tensors = new Map(scores.tensors.map(({ name }, t) => [name, t]));
  const [values, kept] = [latencyScores(scores, answer).values, keptLatency(scores, answer)];
  return Float64Array.from(
    items.flatMap(({ name }) => {
      const t = tensors.get(name);
      return choices.map((choice) => {
        if (t === undefined) return Number.NaN;
        const value = choice === KEEP_CHOICE ? kept[t] : values[t][scores.recipes.indexOf(choice)];
        return value ?? Number.NaN;
      });
    }),
  );
}
