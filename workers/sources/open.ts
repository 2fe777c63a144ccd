import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import { type ByteSource, blobSource } from "../bytes/byte-source.ts";
import { baseName } from "../bytes/paths.ts";
import { forgetAhead, readAhead } from "../bytes/read-ahead.ts";
import type { CheckpointContext, Licence } from "../checkpoints/checkpoint.ts";
import type { RawSpec } from "../checkpoints/raw.ts";
import { UserError } from "../errors/user-error.ts";
import { splitAddress } from "../layouts/address.ts";
import { isAnchor } from "../layouts/anchors.ts";
import { type Config, configBeside, configInMetadata, noConfig, takeConfig } from "../layouts/config.ts";
import { isLogical } from "../layouts/logical-tensor.ts";
import { mayHoldCodes } from "../layouts/unrecognised.ts";
import { openSample } from "../samples/list.ts";
import type { TensorCache } from "../tensors/cache.ts";
import { matrixOf } from "../tensors/matrix.ts";
import type { TensorSummary } from "../tensors/summary.ts";
import { type Checkpoint, summarize } from "../tensors/summary.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { fingerprint } from "./fingerprint.ts";
import { openGroup } from "./group.ts";
import type { SourceInfo } from "./info.ts";
import type { RemoteOptions } from "./remote/open-remote.ts";
import type { AccessToken, GeneratorSpec, SourceSpec } from "./spec.ts";

/** What opening needs from its surroundings. */
export interface SourceIo {
  /** Decoded tensors of all open sources. */
  cache: TensorCache;
  /** Address of the page, below which `samples/` lies; needed for samples only. */
  base?: string;
  /** How reads over the network go, where not as usual. */
  network?: RemoteOptions;
  signal?: AbortSignal;
}

/** A source whose tensors can be read. */
export interface OpenSource {
  info: SourceInfo;
  /** The files it consists of; of a split model the part that tells of the model before the others. */
  files: readonly ByteSource[];
  /** What was given with them and holds no tensors: configurations, tokenizers. */
  companions: readonly ByteSource[];
  /**
   * A file by its path from the folder of the first of `files`: among those given, else beside it where that can be looked at.
   * `null` where there is none. Rejects with UserError.
   */
  companion(path: string): Promise<ByteSource | null>;
  /** By its name, a part's, or an address with readings. Throws UserError for an unknown one. */
  tensor(name: string): Tensor;
  /** The tensor as a matrix, by its usual view if none is given. Throws UserError if it cannot be read that way. */
  matrix(name: string, view?: MatrixView): MatrixSource;
  /** Rejects with what `checkpoint` throws, or with UserError. */
  summary(name: string, checkpoint: Checkpoint, signal?: AbortSignal): Promise<TensorSummary>;
  /** Gives up decoded tensors of more than `bytes` that are not among `kept`. */
  forgetLarge(bytes: number, kept: ReadonlySet<string>): void;
  /** Gives up the memory held for its tensors. */
  close(): void;
}

/** Opens what a spec names. `id` is the name it goes by from then on. Rejects with UserError. */
export async function openSource(spec: SourceSpec, id: string, io: SourceIo): Promise<OpenSource> {
  switch (spec.kind) {
    case "sample": {
      if (io.base === undefined) throw new UserError("Bundled samples can only be opened from the page.");
      const { sample, file, beside } = await openSample(spec.id, io.base, io.signal);
      return openFiles([file], id, io, {
        label: sample.label,
        ...(beside && { beside }),
        ...(sample.credit && { licence: sample.credit }),
      });
    }
    case "generator":
      return openGenerated(spec.generator, id, io);
    case "text":
      return openText(spec.text, id, io);
    case "files":
      return openFiles(
        spec.files.map((file) => readAhead(blobSource(file))),
        id,
        io,
        { ...(spec.raw && { raw: spec.raw }) },
      );
    case "url":
      return openUrl(spec.url, id, io, spec.token);
  }
}

// What the page's first sample does not need is loaded when it is first asked for.

async function openGenerated(spec: GeneratorSpec, id: string, io: SourceIo): Promise<OpenSource> {
  const { generate } = await import("./generators.ts");
  return fromTensor(generate(spec), id, io, "generator", generatorLabel(spec));
}

async function openText(text: string, id: string, io: SourceIo): Promise<OpenSource> {
  const { parseNumbers } = await import("../checkpoints/numbers.ts");
  return fromTensor(parseNumbers(text, "numbers"), id, io, "text", "Typed numbers");
}

/**
 * Opens a file on a server, or a page about one, with what belongs to it beside it. Only headers are read; the source is
 * known by its address, so that no fingerprint is taken of it.
 */
export async function openUrl(address: string, id: string, io: SourceIo, token?: AccessToken): Promise<OpenSource> {
  const { openAddress } = await import("./remote/open-remote.ts");
  const remote = await openAddress(address, { ...io.network, signal: io.signal, ...(token && { token }) });
  try {
    const files = [remote.file, ...(await remote.configs())];
    const source = await openFiles(files, id, io, {
      label: remote.label,
      beside: remote.beside,
      address: remote.address,
    });
    return {
      ...source,
      close() {
        source.close();
        remote.close();
      },
    };
  } catch (error) {
    remote.close();
    throw error;
  }
}

/** Opens files given together: one checkpoint, its shards, or several unrelated ones. */
export async function openFiles(
  files: readonly ByteSource[],
  id: string,
  io: SourceIo,
  options: {
    raw?: RawSpec;
    label?: string;
    beside?: CheckpointContext["beside"];
    address?: string;
    licence?: Licence;
  } = {},
): Promise<OpenSource> {
  const { config, from, aside, rest } = await takeConfig(files, io.signal);
  const { checkpoints, tensors: stored, notes: said } = await openGroup(rest, options.raw, io.signal, options.beside);
  const metadata: Record<string, string> = Object.assign({}, ...checkpoints.map((c) => c.metadata));
  const { tensors, notes } = await decodeQuantized(
    stored,
    config,
    metadata,
    { file: rest[0].name, ...options },
    io.signal,
  );
  const used = checkpoints.flatMap((c) => c.files);
  // What was decoded as a configuration says is not the same without it.
  const needed = tensors.some(({ info }) => info.stored) ? [...used, ...from] : used;
  const kinds = [...new Set(checkpoints.map((c) => c.kind))];
  const licence = checkpoints.find((c) => c.licence)?.licence ?? options.licence;
  const info: SourceInfo = {
    id,
    label: options.label ?? labelOf(used),
    kind: kinds.join(", "),
    tensors: tensors.map((t) => t.info),
    notes: [...said, ...notes],
    fingerprints: options.address ? [] : await Promise.all(needed.map((file) => fingerprint(file, io.signal))),
    metadata,
    ...(licence && { licence }),
    ...(options.address && { address: options.address }),
  };
  const companions = [...aside, ...rest.filter((file) => !used.includes(file))];
  return {
    ...opened(info, used, tensors, io.cache),
    companions,
    companion: companionOf(used, companions, options.beside),
  };
}

/** Looks for a file in the folder of the first, which for what was given is a part of its name. */
function companionOf(
  [first]: readonly ByteSource[],
  companions: readonly ByteSource[],
  beside: CheckpointContext["beside"],
): OpenSource["companion"] {
  const folder = first.name.slice(0, first.name.lastIndexOf("/") + 1);
  return async (path) => companions.find(({ name }) => name === folder + path) ?? (await beside?.(path)) ?? null;
}

const fromTensor = (tensor: Tensor, id: string, io: SourceIo, kind: string, label: string): OpenSource =>
  openTensors([tensor], id, io.cache, kind, label);

/** Tensors that are at hand, as a source. */
export function openTensors(
  tensors: Tensor[],
  id: string,
  cache: TensorCache,
  kind: string,
  label: string,
): OpenSource {
  const info: SourceInfo = {
    id,
    label,
    kind,
    tensors: tensors.map((one) => one.info),
    notes: tensors.flatMap((one) => one.notes),
    fingerprints: [],
    metadata: {},
  };
  return opened(info, [], tensors, cache);
}

/** Puts quantized weights in the place of their parts. The layouts are loaded where a name asks for them. */
async function decodeQuantized(
  tensors: Tensor[],
  config: Config,
  metadata: Record<string, string>,
  { file, beside }: { file: string; beside?: CheckpointContext["beside"] },
  signal?: AbortSignal,
): Promise<{ tensors: Tensor[]; notes: string[] }> {
  // A tensor alone is what it is; beside others it may be the codes of a weight.
  const mayBe = (tensor: Tensor) =>
    isAnchor(tensor.info.name) || tensor.dequantized || (tensors.length > 1 && mayHoldCodes(tensor));
  if (!tensors.some(mayBe)) return { tensors, notes: [] };
  const { findQuantized } = await import("../layouts/find.ts");
  const inside = config === noConfig ? configInMetadata(metadata) : config;
  const known = inside === noConfig && beside ? await configBeside(file, beside, signal) : inside;
  return findQuantized(tensors, known, metadata, signal);
}

/**
 * A source with other tensors in the place of its own, under the same names. Closing it closes the source. `info` says what differs.
 */
export function withTensors(
  source: OpenSource,
  tensors: Tensor[],
  info: Partial<Pick<SourceInfo, "label" | "notes">>,
  cache: TensorCache,
): OpenSource {
  const { files, companions, companion } = source;
  const changed = { ...source.info, ...info, tensors: tensors.map((tensor) => tensor.info) };
  const other = opened(changed, files, tensors, cache);
  return {
    ...other,
    companions,
    companion,
    close() {
      other.close();
      source.close();
    },
  };
}

/** Counts openings, so that a source opened again under the same id never meets the old one's values in the cache. */
let openings = 0;

function opened(info: SourceInfo, files: readonly ByteSource[], tensors: Tensor[], cache: TensorCache): OpenSource {
  const prefix = `${++openings}:`;
  const index = new Map(tensors.map((t) => [t.info.name, t]));
  const weights = tensors.filter(isLogical);
  const aside = new Map<string, Tensor>();
  /** A weight read as its address says, or a part of one; kept, so that what was found out about it is found again. */
  const notListed = (address: string): Tensor | undefined => {
    const known = aside.get(address);
    if (known) return known;
    const split = splitAddress(address);
    const weight = split && index.get(split.name);
    const found =
      weight && isLogical(weight)
        ? weight.as(split.reading)
        : weights.find(({ info: { stored } }) => stored?.parts.some((p) => p.info.name === address))?.part(address);
    if (found) aside.set(address, found);
    return found;
  };
  const tensor = (name: string) => {
    const found = index.get(name) ?? notListed(name);
    if (!found) throw new UserError(`${info.label} has no tensor "${name}".`);
    return found;
  };
  return {
    info,
    files,
    companions: [],
    companion: async () => null,
    tensor,
    matrix: (name, view) => matrixOf(tensor(name), view ?? tensor(name).info.view, cache, prefix + name),
    summary: async (name, checkpoint, signal) => summarize(tensor(name), checkpoint, signal),
    forgetLarge(bytes, kept) {
      const keys = [...kept].map((name) => prefix + name);
      const isKept = (key: string) =>
        !key.startsWith(prefix) || keys.some((known) => key === known || key.startsWith(`${known} `));
      cache.forgetLarge(bytes, isKept);
      for (const file of files) forgetAhead(file);
    },
    close() {
      cache.forget(prefix);
      for (const file of files) forgetAhead(file);
      for (const weight of weights) weight.forget();
    },
  };
}

function labelOf(files: ByteSource[]): string {
  if (files.length === 1) return baseName(files[0].name);
  const folder = files[0].name.split("/")[0];
  const shared = files.every((file) => file.name.startsWith(`${folder}/`));
  return shared ? folder : `${baseName(files[0].name)} and ${files.length - 1} more`;
}

function generatorLabel({ name, rows, cols, seed }: GeneratorSpec): string {
  return `${name} ${rows} x ${cols}, seed ${seed}`;
}
