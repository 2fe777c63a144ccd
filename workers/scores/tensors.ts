/** Which tensors of a source are scored, and as which matrices. */
import { matchRule } from "../../kernels/notation/model.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import { UserError } from "../errors/user-error.ts";
import { atOnce, type Steps } from "../pace/steps.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { countElements, matrixShape } from "../tensors/shape.ts";
import { isSmall, SMALL } from "../tensors/small.ts";
import { storedBytes } from "../tensors/stored.ts";
import { placeOf, type ScoredPlace } from "./places.ts";
import type { ScoredKinds, ScoresPlan } from "./types.ts";

/** A matrix that gets a row of scores: a tensor, or an expert of a stack. */
export interface ScoredMatrix extends Omit<ScoredPlace, "stack"> {
  /** As the scores name it. */
  name: string;
  /** The tensor in the source. */
  tensor: string;
  view: MatrixView;
  shape: number[];
  rows: number;
  cols: number;
  /** Where its rows begin in the tensor's own. */
  row0: number;
  elements: number;
  storedBits: number;
  /** Whether its rows lie across the file, so that some of them are read with all the others. */
  across: boolean;
}

export interface Chosen {
  matrices: ScoredMatrix[];
  leftOut: ScoresPlan["leftOut"];
}

/** Bits of the file that hold a tensor, a whole number. */
export const storedBitsOf = (info: TensorInfo): number =>
  info.stored ? Math.round(info.stored.bitsPerWeight * info.elements) : 8 * storedBytes(info);

/** Whole numbers are positions, tokens or codes that nothing decodes. */
const isWhole = ({ dtype, stored }: TensorInfo): boolean => !stored && /^(?:[UI]\d+|u?int\d+|bool)$/i.test(dtype);

/** Sorts the tensors of a source. Throws UserError where none is left to be scored. */
export const chooseTensors = (info: SourceInfo, kinds: ScoredKinds, only: readonly string[]): Chosen =>
  atOnce(choosing(info, kinds, only));

/** Tensors that are sorted at a time. */
const STEP = 256;

/** The same in steps. */
export function* choosing(info: SourceInfo, kinds: ScoredKinds, only: readonly string[]): Steps<Chosen> {
  const matrices: ScoredMatrix[] = [];
  const left = new Map<string, ScoresPlan["leftOut"][number]>();
  const rules = only.map((pattern) => ({ pattern, recipe: null }));
  for (const [i, tensor] of info.tensors.entries()) {
    if (i % STEP === 0) yield;
    const place = placeOf(tensor);
    const why = whyNot(tensor, place, kinds, rules);
    if (why === null) matrices.push(...matricesOf(tensor, place, kinds));
    else {
      const entry = left.get(why) ?? { why, names: 0, elements: 0, storedBits: 0 };
      left.set(why, entry);
      entry.names++;
      entry.elements += tensor.elements;
      entry.storedBits += storedBitsOf(tensor);
    }
  }
  const leftOut = [...left.values()];
  if (matrices.length === 0) {
    const reasons = leftOut.map(({ why, names }) => `${names} ${names === 1 ? "is" : "are"} ${why}`).join(", ");
    throw new UserError(`${info.label} has no tensor to score${reasons === "" ? "" : `: ${reasons}`}.`);
  }
  return { matrices, leftOut };
}

/** Why a tensor is not scored, as a clause of which it is the subject; null where it is. */
function whyNot(
  tensor: TensorInfo,
  { role }: ScoredPlace,
  kinds: ScoredKinds,
  rules: Parameters<typeof matchRule>[0],
): string | null {
  if (rules.length > 0 && !matchRule(rules, tensor.name)) return "named by no pattern";
  if (tensor.problem !== undefined) return "unreadable";
  if (tensor.warning !== undefined) return "codes that nothing here decodes";
  if (tensor.elements === 0) return "empty";
  if (isWhole(tensor)) return "whole numbers";
  if (isSmall(tensor)) return kinds.small ? null : SMALL;
  if (role === "embedding" || role === "positions") return kinds.embeddings ? null : "embeddings";
  return role === "head" && !kinds.head ? "the head" : null;
}

/** Codes of some layouts have a row for each input, or for several: GPTQ's and AWQ's. A flat list of codes (n x 1) has them in the order of rows. */
function liesByInputs({ stored }: TensorInfo, rows: number): boolean {
  const codes = stored?.parts.find(({ role }) => role === "codes")?.shape;
  return codes?.length === 2 && codes[0] !== rows && codes[1] !== 1;
}

function matricesOf(info: TensorInfo, { stack, ...place }: ScoredPlace, kinds: ScoredKinds): ScoredMatrix[] {
  const { name, shape, elements } = info;
  // A stack of experts is one matrix whose rows are theirs, one after the other.
  const view = stack ? { split: shape.length - 1, transpose: false } : info.view;
  const { rows, cols } = matrixShape(name, shape, view);
  const whole: ScoredMatrix = {
    ...{ ...place, name, tensor: name, view, shape, rows, cols, row0: 0, elements },
    ...{ storedBits: storedBitsOf(info), across: view.transpose || liesByInputs(info, rows) },
  };
  if (!stack || kinds.experts === "one") return [whole];
  const [experts, ...own] = shape;
  return Array.from({ length: experts }, (_, expert) => ({
    ...{
      ...whole,
      expert,
      name: `${name}[${expert}]`,
      shape: own,
      rows: rows / experts,
      row0: (expert * rows) / experts,
    },
    ...{ elements: countElements(own), storedBits: whole.storedBits / experts },
  }));
}
