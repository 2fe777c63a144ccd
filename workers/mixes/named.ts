/** llama.cpp's named mixes of a model: what llama-quantize makes of each tensor, as recipes and bytes. */
import { KEEP } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { LlamaError, type LlamaModel, llamaTypes } from "./llama/choose.ts";
import type { FileType } from "./llama/file-types.ts";
import { type LlamaTensor, needsImportance } from "./llama/tensors.ts";
import { bytesOfType, ggmlType, recipeOfType } from "./recipes.ts";
import { type NameGroups, nameGroups, rulesBy } from "./rules.ts";
import type { Mix, MixModel, MixSource, MixTensor } from "./types.ts";

export interface NamedOptions {
  /** As the command is given one with `--imatrix`: rules differ, and types of one and two bits need it. */
  imatrix?: boolean;
}

/** What the rules of llama-quantize look at. Throws UserError where the model does not say it. */
export function llamaModelOf({ label, architecture, layers, heads, keyHeads, experts, notes }: MixModel): LlamaModel {
  if (architecture === null || layers === null || heads === null || keyHeads === null || experts === null)
    throw new UserError(
      `llama.cpp's rules look at a model's architecture, layers and heads, and nothing says them of ${label}. ${notes.join(" ")}`.trim(),
    );
  return { architecture, layers, heads, keyHeads, experts };
}

/** A tensor of a GGUF file and the source's tensors that it is made of. */
export interface LlamaGroup {
  tensor: LlamaTensor;
  sources: MixSource[];
}

/** What named mixes share of a model: a page asks for thirty of them. */
interface Known {
  groups: LlamaGroup[];
  /** Of each tensor: the group that it is in, or -1. */
  groupOf: Int32Array;
  names: NameGroups;
}

const known = new WeakMap<MixModel, Known>();

function knownOf(model: MixModel): Known {
  const before = known.get(model);
  if (before) return before;
  const groups = llamaGroups(model);
  const at = new Map(groups.flatMap(({ sources }, i) => sources.map((source): [MixSource, number] => [source, i])));
  const made: Known = {
    groups,
    groupOf: Int32Array.from(model.tensors, (source) => at.get(source) ?? -1),
    names: nameGroups(model.tensors.map(({ name }) => name)),
  };
  known.set(model, made);
  return made;
}

/** The tensors that llama.cpp would have of the model, each once. */
export function llamaGroups({ tensors }: MixModel): LlamaGroup[] {
  const groups = new Map<string, LlamaGroup>();
  for (const source of tensors) {
    if (!source.gguf) continue;
    const { name, shape } = source.gguf;
    const group = groups.get(name);
    if (group) group.sources.push(source);
    else
      groups.set(name, {
        tensor: { name, dimensions: shape.length === 0 ? [1] : shape.toReversed(), type: keptType(source) },
        sources: [source],
      });
  }
  return [...groups.values()];
}

/** The type of a kept tensor in GGUF: vectors are float32 there, matrices as the checkpoint has them where ggml knows that. */
function keptType({ dtype, shape, gguf, name }: MixSource): string {
  if (gguf?.name === name && ggmlType(dtype)) return dtype;
  return shape.length >= 2 && (dtype === "F16" || dtype === "BF16") ? dtype : "F32";
}

/**
 * The mix of that name for a model.
 *
 * @throws {UserError} where nothing says what the rules look at, or where llama-quantize itself stops.
 */
export function namedMix(model: MixModel, fileType: FileType, { imatrix = false }: NamedOptions = {}): Mix {
  const { groups, groupOf, names } = knownOf(model);
  const choices = choose(llamaModelOf(model), groups, fileType, imatrix);
  const fallbacks = new Map<string, number>();
  const unknown = new Map<string, number>();
  const wanting: string[] = [];
  const recipes = groups.map(({ tensor }, i) => {
    const { type, insteadOf } = choices[i];
    if (insteadOf !== null) count(fallbacks, `${type} in place of ${insteadOf}`);
    if (!imatrix && type !== tensor.type && needsImportance(tensor.name, type, fileType)) wanting.push(tensor.name);
    const made = type === tensor.type ? KEEP : recipeOfType(type);
    if (made === null) count(unknown, type);
    return made ?? KEEP;
  });
  const tensors = model.tensors.map((source, i): MixTensor => {
    const at = groupOf[i];
    if (at < 0) return { name: source.name, recipe: KEEP, bytes: 0, bits: 0 };
    const bytes = bytesIn(choices[at].type, source);
    return { name: source.name, recipe: recipes[at], bytes, bits: 8 * bytes };
  });
  return {
    name: imatrix ? `${fileType} with an importance matrix` : fileType,
    rules: rulesBy(
      names,
      tensors.map(({ recipe }) => recipe),
    ),
    tensors,
    notes: [...fallbackNotes(fallbacks), ...unknownNotes(unknown), ...wantingNotes(wanting), ...leftOutNotes(model)],
  };
}

function choose(model: LlamaModel, groups: readonly LlamaGroup[], fileType: FileType, imatrix: boolean) {
  try {
    return llamaTypes(
      model,
      groups.map(({ tensor }) => tensor),
      fileType,
      { imatrix },
    );
  } catch (error) {
    if (error instanceof LlamaError) throw new UserError(`${fileType}: llama-quantize stops: ${error.message}.`);
    throw error;
  }
}

/** Bytes of a tensor under a type of ggml. */
export function bytesIn(type: string, { elements, bytes }: MixSource): number {
  const known = ggmlType(type);
  return known ? bytesOfType(known, elements) : bytes;
}

const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

function fallbackNotes(fallbacks: ReadonlyMap<string, number>): string[] {
  if (fallbacks.size === 0) return [];
  const words = [...fallbacks].map(([what, n]) => `${what} (${n === 1 ? "1 tensor" : `${n} tensors`})`);
  return [`Rows that are no whole blocks get another type: ${words.join(", ")}.`];
}

const unknownNotes = (unknown: ReadonlyMap<string, number>): string[] =>
  [...unknown].map(
    ([type, n]) => `There is no recipe that makes ${type}: ${n === 1 ? "1 tensor is" : `${n} tensors are`} kept.`,
  );

function wantingNotes(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const which = names.length === 1 ? names[0] : `${names[0]} and ${names.length - 1} more`;
  return [`llama-quantize makes ${which} with an importance matrix alone (--imatrix).`];
}

/** Tensors that a GGUF file has no place for. */
function leftOutNotes({ tensors }: MixModel): string[] {
  const left = tensors.filter(({ gguf }) => !gguf);
  if (left.length === 0) return [];
  return [
    `Not in it, since llama.cpp has no place for ${left.length === 1 ? "it" : "them"}: ${left[0].name}${left.length > 1 ? ` and ${left.length - 1} more` : ""}.`,
  ];
}
