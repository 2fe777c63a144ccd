/** Finds the quantized weights among a checkpoint's tensors and puts each in the place of its parts. */
import { firstNotes } from "../checkpoints/notes.ts";
import { pacer } from "../pace/pace.ts";
import type { StoredKind } from "../tensors/stored.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { lastPart } from "./anchors.ts";
import { storedBytes } from "./bytes.ts";
import type { Config } from "./config.ts";
import { layouts } from "./known/index.ts";
import { told } from "./known/told.ts";
import { type Claim, type Layout, NotDecoded, type Surroundings } from "./layout.ts";
import { isLogical } from "./logical-tensor.ts";
import { spelledBy } from "./spellings.ts";
import { warnOfCodes } from "./unrecognised.ts";
import { type Origin, Weight } from "./weight.ts";

const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf(".") + 1);

/** Claims settled at once: some read a few bytes of theirs. */
const AT_ONCE = 16;
/** Weights that are told of one by one when they cannot be decoded. */
const MOST_TOLD = 3;

/** Layouts by the names that give them away. */
export const byAnchor = new Map<string, Layout[]>();
for (const layout of layouts) {
  for (const anchor of layout.anchors) byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), layout]);
}

const withEndings = layouts.flatMap((layout) => (layout.endings ?? []).map((ending) => ({ layout, ending })));

/** Layouts that a tensor's name may belong to, in the order of asking. */
function layoutsFor({ info: { name }, dequantized }: Tensor): Layout[] {
  if (dequantized) return [told];
  const asked = new Set(byAnchor.get(lastPart(name)));
  for (const { layout, ending } of withEndings) if (name.endsWith(ending)) asked.add(layout);
  return [...asked];
}

export interface Recognised {
  tensors: Tensor[];
  notes: string[];
}

/**
 * Takes the tensors of a checkpoint, in their order. Those that make up a weight are replaced by it, where its first part
 * stood; what cannot be decoded stays as it is stored, with the reason in its notes. Linear in the number of tensors;
 * rejects with an AbortError soon after `signal` is raised.
 */
export async function findQuantized(
  tensors: readonly Tensor[],
  config: Config,
  metadata: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Recognised> {
  const anchors = tensors.filter((tensor) => layoutsFor(tensor).length > 0);
  if (anchors.length === 0) return { tensors: [...tensors], notes: warnOfCodes(tensors, config, new Map()) };
  const pace = signal && pacer(signal);
  const byName = new Map(tensors.map((tensor) => [tensor.info.name, tensor]));
  const find = (name: string) => byName.get(name);
  const origin: Origin = { config, metadata };
  const kinds = new Kinds();
  const owners = new Map<Tensor, Weight>();
  /** Of the weights found: two of one name could not be told apart. */
  const names = new Set<string>();
  const problems: string[] = [];
  const reasons = new Map<string, string>();
  for (let at = 0; at < anchors.length; at += AT_ONCE) {
    await pace?.();
    const some = anchors.slice(at, at + AT_ONCE).map(async (anchor) => {
      const found = await ask(anchor, { find, ...origin, signal }, problems, reasons);
      // A weight without elements has nothing to decode.
      if (found?.claim.shape.includes(0)) return null;
      return found && Weight.of(found.claim, kinds.of(found.claim), found.layout, anchor, origin);
    });
    for (const weight of await Promise.all(some)) {
      // Codes that two weights lay claim to stay with the first; scales may be shared, as graphs share equal numbers.
      if (!weight || owners.has(weight.tensors[0])) continue;
      const { name } = weight.info;
      const namesake = byName.get(name);
      if (names.has(name) || (namesake && !weight.tensors.includes(namesake))) {
        const why = `there is another ${name} beside it`;
        problems.push(`${weight.tensors[0].info.name} is shown as stored: ${why}.`);
        reasons.set(moduleOf(name), why);
        continue;
      }
      names.add(name);
      for (const tensor of weight.tensors) owners.set(tensor, weight);
    }
  }
  const replaced = replace(tensors, owners);
  const notes = problems.slice(0, MOST_TOLD);
  if (problems.length > MOST_TOLD) notes.push(`${problems.length - MOST_TOLD} more weights are shown as stored, too.`);
  notes.push(...kinds.doubts());
  notes.push(...warnOfCodes(replaced, config, reasons));
  if (owners.size > 0) notes.push(bitsNote(replaced));
  return { tensors: replaced, notes };
}

/** Asks the layouts one after the other; a problem is told only if none of them can decode the weight. */
async function ask(
  anchor: Tensor,
  surroundings: Surroundings,
  problems: string[],
  reasons: Map<string, string>,
): Promise<{ claim: Claim; layout: Layout } | null> {
  let problem: string | null = null;
  let reason = "";
  for (const layout of layoutsFor(anchor)) {
    try {
      const claim = await layout.claim(anchor, surroundings);
      if (claim) return { claim, layout };
    } catch (error) {
      if (!(error instanceof NotDecoded)) throw error;
      reason ||= error.message;
      problem ??= `${anchor.info.name} looks like ${layout.name} and is shown as stored: ${error.message}.`;
    }
  }
  if (problem) {
    problems.push(problem);
    anchor.notes.push(problem);
    reasons.set(moduleOf(anchor.info.name), reason);
    // Of the anchor, and of a tensor whose name its own goes on from.
    for (let name = anchor.info.name; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
      reasons.set(name, reason);
    }
    for (const { stem } of spelledBy(anchor.info.name)) reasons.set(stem, reason);
  }
  return null;
}

function replace(tensors: readonly Tensor[], owners: ReadonlyMap<Tensor, Weight>): Tensor[] {
  const placed = new Set<Weight>();
  const kept: Tensor[] = [];
  for (const tensor of tensors) {
    const weight = owners.get(tensor);
    if (!weight) kept.push(tensor);
    else if (!placed.has(weight)) kept.push(weight);
    if (weight) placed.add(weight);
  }
  return kept;
}

/** One object for all weights that are stored alike. */
class Kinds {
  readonly #known = new Map<string, StoredKind>();

  of({ layout, describe, source, readings, recipe, recipeNote, doubt }: Claim): StoredKind {
    const key = JSON.stringify([
      layout,
      describe,
      source,
      recipe,
      recipeNote,
      doubt,
      readings.map((r) => [r.id, r.usual]),
    ]);
    const kind = this.#known.get(key) ?? {
      layout,
      describe,
      source,
      readings,
      recipe,
      recipeNote,
      ...(doubt && { doubt }),
    };
    this.#known.set(key, kind);
    return kind;
  }

  /** What speaks against how weights are read, each told once. */
  doubts(): string[] {
    const all = new Set(
      [...this.#known.values()].flatMap(({ layout, doubt }) => (doubt ? [`${layout}: ${doubt}.`] : [])),
    );
    return firstNotes([...all], (more) => `${more} more doubts of this kind.`);
  }
}

/** What the checkpoint takes for each of its weights, over all and by layout. */
function bitsNote(tensors: readonly Tensor[]): string {
  const kinds = new Map<string, { tensors: number; bits: number; elements: number }>();
  let bits = 0;
  let elements = 0;
  for (const tensor of tensors) {
    const { stored, dtype, elements: count, problem } = tensor.info;
    if (problem !== undefined || count === 0 || (!stored && !tensor.stored)) continue;
    const own = isLogical(tensor) ? stored!.bitsPerWeight * count : 8 * storedBytes(tensor);
    const kind = stored ? stored.kind.layout : dtype;
    const sum = kinds.get(kind) ?? { tensors: 0, bits: 0, elements: 0 };
    kinds.set(kind, { tensors: sum.tensors + 1, bits: sum.bits + own, elements: sum.elements + count });
    bits += own;
    elements += count;
  }
  const listed = [...kinds]
    .sort(([, a], [, b]) => b.elements - a.elements)
    .map(([kind, sum]) => `${sum.tensors} as ${kind} (${(sum.bits / sum.elements).toFixed(2)} bits)`);
  return `Stored with ${(bits / elements).toFixed(2)} bits a weight over the checkpoint, everything counted. Tensors: ${listed.join(", ")}.`;
}
