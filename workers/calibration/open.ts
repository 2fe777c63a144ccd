/** A calibration as it is chosen: a file, a folder or a synthetic one, and what of it is known of the inputs of each weight. */
import type { Calibration } from "../../kernels/calibration/index.ts";
import { type ByteSource, blobSource } from "../bytes/byte-source.ts";
import { baseName } from "../bytes/paths.ts";
import { UserError } from "../errors/user-error.ts";
import type { JobControl } from "../pace/pace.ts";
import { Lru } from "../runs/lru.ts";
import { fingerprint } from "../sources/fingerprint.ts";
import type { Fingerprint } from "../sources/info.ts";
import { type OpenSource, openFiles } from "../sources/open.ts";
import type { CalibrationKind, CalibrationSpec } from "../sources/spec.ts";
import { TensorCache } from "../tensors/cache.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { readActivations, tokensOf } from "./activations.ts";
import { CAPTURE_FORMAT, capturedAs, capturedLayers, hasGradients, readCaptured } from "./capture.ts";
import { captureDigest } from "./digests.ts";
import { readGram } from "./gram.ts";
import { calibrationOf, entryFor, isImatrixFile, openImatrix } from "./imatrix/open.ts";
import type { Imatrix, ImatrixEntry } from "./imatrix/types.ts";
import { arrayFor, strangeName } from "./names.ts";
import { parseSynthetic, type SyntheticSpec, syntheticText } from "./synthetic.ts";
import { syntheticTensor } from "./synthetic-tensor.ts";

/** What is shown of an open calibration, and what a link keeps of it. */
export interface CalibrationInfo {
  kind: CalibrationKind | "synthetic";
  /** The file, the folder, or how a synthetic one is made. */
  label: string;
  /** Of its files; empty for a synthetic one, which its label makes again. */
  fingerprints: Fingerprint[];
  /** The weights or arrays it has something of; empty for a synthetic one, which suits every weight. */
  arrays: string[];
  notes: string[];
  /** What a captured one says of its making: text, windows, seed, digests, and as `digest` that of all. Empty for others. */
  metadata: Record<string, string>;
}

/** A weight whose inputs are asked for. */
export interface Weight {
  name: string;
  /** Its inputs. */
  cols: number;
}

export interface OpenCalibration {
  info: CalibrationInfo;
  /** Whether it has something of the inputs of a weight, by its name. */
  has(weight: string): boolean;
  /**
   * What is known of a weight's inputs, reduced when it is first asked for. Its width may be another one: whoever uses it checks.
   * Rejects with UserError where there is nothing of this weight or it cannot be read, and with AbortError.
   */
  of(weight: Weight, control: JobControl): Promise<Calibration>;
  /** Of a captured one: its arrays. */
  captured?: OpenSource;
  /** Of an importance matrix: its entries, as they stand in the file. */
  imatrix?: Imatrix;
  close(): void;
}

/** Reduced calibrations that are kept: a Gram matrix of 4,096 columns is 134 MB. */
const KEPT = 4;
const KEPT_BYTES = 2 ** 31;

const bytesOf = ({ cols, gram, cross, output, rows }: Calibration): number =>
  [gram, cross, output, rows && { values: rows }].reduce((sum, one) => sum + (one?.values.byteLength ?? 0), 80 * cols);

/** Remembers the last few. */
function remembered(
  read: (weight: Weight, control: JobControl) => Promise<Calibration>,
  keyOf: (weight: Weight) => string,
) {
  const known = new Lru<Calibration>(KEPT, KEPT_BYTES, bytesOf);
  return async (weight: Weight, control: JobControl): Promise<Calibration> => {
    const key = keyOf(weight);
    const found = known.get(key) ?? (await read(weight, control));
    known.set(key, found);
    return found;
  };
}

/** Opens what a page asks for. Rejects with UserError, or with AbortError. */
export function openCalibrationSpec(spec: CalibrationSpec, signal: AbortSignal): Promise<OpenCalibration> {
  if (spec.kind === "synthetic") return Promise.resolve().then(() => openSynthetic(parseSynthetic(spec.text)));
  const files = spec.files.map((file) => blobSource(file));
  const [first] = files;
  const folder = first?.name.includes("/") ? first.name.split("/")[0] : null;
  const label = files.length === 1 ? baseName(first.name) : (folder ?? `${files.length} files`);
  return openCalibration(files, spec.taken, label, signal);
}

/** A synthetic one: drawn anew for every number of inputs. */
export function openSynthetic(spec: SyntheticSpec): OpenCalibration {
  const label = syntheticText(spec);
  const read = ({ cols }: Weight, control: JobControl) =>
    readActivations(syntheticTensor(spec, cols), { kind: "synthetic", name: label }, control);
  return {
    info: { kind: "synthetic", label, fingerprints: [], arrays: [], notes: [], metadata: {} },
    has: () => true,
    of: remembered(read, ({ cols }) => String(cols)),
    close() {},
  };
}

/**
 * Opens files as a calibration of a kind, or of the kind that their content is where none is said. Rejects with UserError, or with
 * AbortError.
 */
export async function openCalibration(
  files: readonly ByteSource[],
  kind: CalibrationKind | null,
  label: string,
  signal: AbortSignal,
): Promise<OpenCalibration> {
  const [file] = files;
  if (kind === "imatrix" || (kind === null && files.length === 1 && (await isImatrixFile(file, signal)))) {
    if (files.length !== 1)
      throw new UserError(`${label}: an importance matrix is one file, and these are ${files.length}.`);
    return ofImatrix(file, label, signal);
  }
  const source = await openFiles(files, label, { cache: new TensorCache(0), signal }, { label });
  try {
    const taken = kind ?? kindOf(source);
    return taken === "capture" ? ofCapture(source) : ofArrays(source, taken);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** What content is that nobody said the kind of: two equal dimensions of float64 are a Gram matrix, all else activations. */
function kindOf({ info }: OpenSource): CalibrationKind {
  if (info.metadata.format === CAPTURE_FORMAT) return "capture";
  const isGram = ({ dtype, shape }: OpenSource["info"]["tensors"][number]) =>
    dtype === "F64" && shape.length === 2 && shape[0] === shape[1];
  return info.tensors.length > 0 && info.tensors.every(isGram) ? "gram" : "activations";
}

function infoOf({ info }: OpenSource, kind: CalibrationKind, arrays: string[]): CalibrationInfo {
  const metadata = kind === "capture" ? { ...info.metadata, digest: captureDigest(info.metadata) } : {};
  return { kind, label: info.label, fingerprints: info.fingerprints, arrays, notes: info.notes, metadata };
}

/** Arrays by name: one a weight, or one for the weight that is asked for. */
function ofArrays(source: OpenSource, kind: CalibrationKind): OpenCalibration {
  const { info } = source;
  const arrays = info.tensors.filter(({ shape }) => shape.length >= 2);
  if (arrays.length === 0) {
    // Says what is wrong with the only array there is.
    if (info.tensors.length > 0) tokensOf(source.tensor(info.tensors[0].name));
    throw new UserError(`${info.label} holds no arrays.`);
  }
  const nameOf = ({ name }: Weight): string => {
    const found = arrayFor(arrays, name);
    if (found) return found.name;
    const some = arrays.slice(0, 3).map((array) => array.name);
    throw new UserError(
      `${info.label} has ${arrays.length} arrays, and none is named after ${name}: ${some.join(", ")}${arrays.length > 3 ? " ..." : ""}.`,
    );
  };
  const read = async (weight: Weight, control: JobControl): Promise<Calibration> => {
    const name = nameOf(weight);
    const tensor = source.tensor(name);
    const of = {
      kind: kind === "gram" ? "gram" : "activations",
      name: called(info.label, name, arrays.length),
    } as const;
    if (kind !== "gram") return readActivations(tensor, of, control);
    return readGram(tensor, of, await tokensBeside(source, name, control.signal), control.signal);
  };
  const reduced = remembered(read, nameOf);
  return {
    info: infoOf(
      source,
      kind,
      arrays.map(({ name }) => name),
    ),
    has: (weight) => arrayFor(arrays, weight) !== undefined,
    async of(weight, control) {
      const found = await reduced(weight, control);
      const strange = strangeName(nameOf(weight), weight.name);
      return strange === null ? found : { ...found, notes: [...found.notes, strange] };
    },
    close: () => source.close(),
  };
}

/** The file, with the array where there are several. */
const called = (label: string, array: string, count: number): string => (count === 1 ? label : `${label}: ${array}`);

/** The number of tokens that a file tells beside a Gram matrix: a scalar `NAME.tokens`, or `tokens`. */
async function tokensBeside(source: OpenSource, name: string, signal: AbortSignal): Promise<number | null> {
  const found = source.info.tensors.find(
    (one) => one.elements === 1 && (one.name === `${name}.tokens` || one.name === "tokens"),
  );
  if (!found) return null;
  const [tokens] = await source.tensor(found.name).read(0, 1, signal);
  return Number.isInteger(tokens) && tokens > 0 ? tokens : null;
}

/** llama.cpp's importance matrix. */
async function ofImatrix(file: ByteSource, label: string, signal: AbortSignal): Promise<OpenCalibration> {
  const matrix = await openImatrix(file, signal);
  const entryOf = ({ name }: Weight): ImatrixEntry => {
    const entry = entryFor(matrix, name);
    if (!entry) throw new UserError(`${label} has nothing of the inputs of ${name}.`);
    return entry;
  };
  const read = (weight: Weight, control: JobControl) => {
    const entry = entryOf(weight);
    const name = called(label, entry.name, matrix.entries.length);
    return calibrationOf(matrix, entry, weight.cols, { kind: "imatrix", name }, control.signal);
  };
  return {
    info: {
      kind: "imatrix",
      label,
      fingerprints: [await fingerprint(file, signal)],
      arrays: matrix.entries.map(({ name }) => name),
      notes: matrix.notes,
      metadata: {},
    },
    has: (weight) => entryFor(matrix, weight) !== undefined,
    of: remembered(read, (weight) => `${entryOf(weight).name} ${weight.cols}`),
    imatrix: matrix,
    close() {},
  };
}

/** The arrays of several files by their own names: each stands under its file's path. Throws UserError where two have one name. */
export function ownNames({ info, files }: OpenSource): Map<string, string> {
  const paths = files.map(({ name }) => `${name}/`);
  const out = new Map<string, string>();
  for (const { name } of info.tensors) {
    const path = paths.find((one) => name.startsWith(one)) ?? "";
    const own = name.slice(path.length);
    if (out.has(own)) throw new UserError(`${info.label} holds ${own} twice: its files are of two captures.`);
    out.set(own, name);
  }
  return out;
}

/** What was captured of a model. */
function ofCapture(source: OpenSource): OpenCalibration {
  const { info } = source;
  const names = ownNames(source);
  const layers = capturedLayers([...names.keys()]);
  if (layers.length === 0)
    throw new UserError(`${info.label} holds no captured calibration: no array's name ends with .tokens.`);
  const known = new Set(layers);
  const find = (name: string): Tensor | undefined => {
    const full = names.get(name);
    return full === undefined ? undefined : source.tensor(full);
  };
  const layerOf = ({ name }: Weight): string => {
    const layer = capturedAs(name, known, info.metadata);
    if (layer === null) throw new UserError(`${info.label} has nothing of the inputs of ${name}.`);
    return layer;
  };
  // Gradients are each weight's own, whatever inputs it shares.
  const keyOf = (weight: Weight): string =>
    `${layerOf(weight)} ${hasGradients(weight.name, (name) => names.has(name)) ? weight.name : ""}`;
  const read = (weight: Weight, control: JobControl) => {
    const layer = layerOf(weight);
    return readCaptured(layer, weight.name, find, { kind: "capture", name: `${info.label}: ${layer}` }, control.signal);
  };
  return {
    info: infoOf(source, "capture", layers),
    has: (weight) => capturedAs(weight, known, info.metadata) !== null,
    of: remembered(read, keyOf),
    captured: source,
    close: () => source.close(),
  };
}
