/** Which tensor of a source each part of a network is made from, and what is missing or does not fit. */
import type { Adaptation, Architecture, Part, Writer } from "../../kernels/network/index.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import { commonName } from "../pairing/names.ts";
import type { OpenSource } from "../sources/open.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { countElements, matrixShape } from "../tensors/shape.ts";
import { storedBitsPerWeight, storedBytes } from "../tensors/stored.ts";
import { adapted, describeSteps, storedShape } from "./adapt.ts";
import type { BoundPart, StoredMatrix } from "./model.ts";

export interface Binding {
  parts: Map<string, BoundPart>;
  problems: string[];
  notes: string[];
}

/** Layers, then what stands before and behind them. */
export const placesOf = ({ layers }: Architecture): (number | "ends")[] => [
  ...Array.from({ length: layers }, (_, layer) => layer),
  "ends",
];

/** Who named the tensors, unless the file is GGUF: Meta's own names, or those of transformers. */
export function writerOf(tensors: readonly TensorInfo[]): Writer {
  return tensors.some(({ name }) => /(^|\.|\/)layers\.\d+\.attention\.wq\./.test(name)) ? "meta" : "transformers";
}

/** Finds tensors by the names that a writer gives. */
type Find = (name: string) => TensorInfo | undefined;

/**
 * By the name itself, else by the name without what programs wrap it in. Of a folder with several checkpoints, the tensors of that
 * one are looked at that has most of the `wanted` names.
 */
function finder({ info, files }: OpenSource, wanted: readonly string[]): Find {
  const prefixes = ["", ...files.map(({ name }) => `${name}/`)];
  const finders = prefixes.map((prefix) => {
    const own = info.tensors.filter(({ name }) => name.startsWith(prefix));
    const byName = new Map(own.map((tensor) => [tensor.name.slice(prefix.length), tensor]));
    let byCommon: Map<string, TensorInfo | undefined> | undefined;
    const find: Find = (name) => {
      const found = byName.get(name);
      if (found) return found;
      byCommon ??= new Map();
      if (byCommon.size === 0) {
        for (const [given, tensor] of byName) {
          const common = commonName(given);
          // A name that several share stands for none.
          byCommon.set(common, byCommon.has(common) ? undefined : tensor);
        }
      }
      return byCommon.get(commonName(name));
    };
    return find;
  });
  const counts = finders.map((find) => wanted.filter((name) => find(name)).length);
  return finders[counts.indexOf(Math.max(...counts))];
}

/** Binds all parts of an architecture. What is wrong is told, not thrown. */
export function bind(source: OpenSource, architecture: Architecture, writer: Writer): Binding {
  const places = placesOf(architecture).map((of) => ({ of, parts: architecture.parts(of) }));
  const all = places.flatMap(({ parts }) => parts);
  const find = finder(
    source,
    all.flatMap(({ stored }) => stored[writer]?.name ?? []),
  );
  const binding: Binding = { parts: new Map(), problems: [], notes: [] };
  const used = new Set<string>();
  const missing: { of: number | "ends"; name: string }[] = [];
  const whole = new Set<number | "ends">();
  for (const { of, parts } of places) {
    let found = 0;
    for (const part of parts) {
      const from = part.stored[writer];
      const tensor = from && find(from.name);
      if (!tensor) {
        if (!part.optional) missing.push({ of, name: from?.name ?? part.name });
        continue;
      }
      found++;
      used.add(tensor.name);
      const bound = bindPart(part, tensor, from.adapt);
      if (typeof bound === "string") binding.problems.push(bound);
      else binding.parts.set(part.name, bound);
    }
    if (found === 0) whole.add(of);
  }
  binding.problems.unshift(...missingSentences(missing, whole, architecture));
  const unused = source.info.tensors.filter(({ name }) => !used.has(name) && !isBuffer(name));
  if (unused.length > 0 && binding.problems.length === 0)
    binding.notes.push(`Not used by the network: ${listed(unused.map(({ name }) => name))}.`);
  return binding;
}

/** A part with its matrix, or why the tensor does not do. */
function bindPart(part: Part, tensor: TensorInfo, steps: readonly Adaptation[]): BoundPart | string {
  const { name, shape, problem, warning } = tensor;
  if (problem) return problem;
  if (warning) return `${name} cannot be run: ${warning}.`;
  const wanted = storedShape(part.shape, steps);
  const length = countElements(wanted);
  const [first] = steps;
  const slice = first?.do === "slice";
  // Experts, and heads with norms of their own, are stacked. A vector may be stored as a matrix of one row.
  const count = countElements(shape);
  const enough = slice ? count % length === 0 && count >= (first.index + 1) * length : count === length;
  const flat = wanted.length < 2 && !slice;
  if (!enough || !(flat || shape[shape.length - 1] === wanted[wanted.length - 1])) {
    const stack = slice ? `${first.index + 1} or more of ` : "";
    return `${name} is of the shape [${shape.join(", ")}], where ${stack}[${wanted.join(", ")}] is needed.`;
  }
  const transpose = first?.do === "transpose";
  const rest = transpose ? steps.slice(1) : steps;
  const view: MatrixView = shape.length < 2 ? { split: 0, transpose: false } : { split: shape.length - 1, transpose };
  const { rows, cols } = matrixShape(name, shape, view);
  const stored: StoredMatrix = {
    tensor: name,
    view,
    rows,
    cols,
    bitsPerWeight: storedBitsPerWeight(tensor),
    bytes: storedBytes(tensor),
  };
  const outputs = transpose ? wanted[1] : wanted[0];
  return { part, stored, adapted: describeSteps(rest), adapt: (values) => adapted(values, outputs, length, rest) };
}

/** What modules keep beside their weights. */
const isBuffer = (name: string): boolean =>
  /(rotary_emb\.inv_freq|rope_freqs\.weight|attn\.(masked_)?bias|attention\.(masked_)?bias|rope\.freqs)$/.test(name);

function missingSentences(
  missing: readonly { of: number | "ends"; name: string }[],
  whole: ReadonlySet<number | "ends">,
  { about }: Architecture,
): string[] {
  const layers = [...whole].filter((of) => of !== "ends");
  const single = missing.filter(({ of }) => of === "ends" || !whole.has(of)).map(({ name }) => name);
  const sentences: string[] = [];
  if (layers.length > 0) {
    const numbers =
      layers.length > 8 ? `${layers.slice(0, 8).join(", ")} and ${layers.length - 8} more` : layers.join(", ");
    sentences.push(
      `${layers.length === 1 ? "Layer" : "Layers"} ${numbers} of this model (${about}; counted from 0) ${layers.length === 1 ? "is" : "are"} missing.`,
    );
  }
  if (single.length > 0) sentences.push(`This model (${about}) lacks ${listed(single)}.`);
  return sentences;
}

/** The first names, and how many more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
