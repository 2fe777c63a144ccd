/** What the files of a source say of the model that its tensors belong to. */
import {
  type Architecture,
  ArchitectureError,
  ROPE_FACTORS,
  readArchitecture,
  readGgufArchitecture,
  type Writer,
} from "../../kernels/network/index.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { isGguf, readGgufHeader } from "../checkpoints/gguf/header.ts";
import { type GgufWhole, readGgufValues } from "../checkpoints/gguf/values.ts";
import { UserError } from "../errors/user-error.ts";
import type { OpenSource } from "../sources/open.ts";
import { writerOf } from "./bind.ts";
import { metaConfig } from "./meta.ts";
import { readMatrix } from "./weights.ts";

/** An object of JSON. */
export type Config = Record<string, unknown>;

export interface Said {
  architecture: Architecture;
  writer: Writer;
  /** The whole metadata of a GGUF file, its tokenizer too; null for other files. */
  keys: ReadonlyMap<string, GgufWhole> | null;
  /** What config.json says; null where there is none. */
  config: Config | null;
  /** The file that says it. */
  file: string;
}

/** config.json is a page of text; tokenizer.json may hold 300,000 tokens and as many merges. */
const MAX_JSON = 2 ** 27;

/** The object in a JSON file. Rejects with UserError where it holds none. */
export async function readJson(file: ByteSource, signal?: AbortSignal): Promise<Config> {
  if (file.size > MAX_JSON)
    throw new UserError(`${file.name} takes ${formatBytes(file.size)}: no file of its kind is so long.`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await file.slice(0, file.size, signal)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${file.name} is no JSON: ${error.message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${file.name} holds no JSON object.`);
  return value as Config;
}

/** Rejects with UserError where nothing says how the model is made, or what it says is not known here. */
export async function readSaid(source: OpenSource, signal: AbortSignal): Promise<Said> {
  try {
    return (await ggufSaid(source, signal)) ?? (await configSaid(source, signal));
  } catch (error) {
    if (error instanceof ArchitectureError) throw new UserError(error.message);
    throw error;
  }
}

async function ggufSaid(source: OpenSource, signal: AbortSignal): Promise<Said | null> {
  const [file] = source.files;
  if (!file || file.size < 4 || !isGguf(await file.slice(0, 4, signal))) return null;
  const keys = await readGgufValues(file, await readGgufHeader(file, signal), () => true, signal);
  const shapes = new Map(source.info.tensors.map(({ name, shape }) => [name, shape]));
  const factors = new Map<string, Float32Array>();
  for (const name of ROPE_FACTORS) {
    if (shapes.has(name))
      factors.set(name, await readMatrix(source.tensor(name), { split: 0, transpose: false }, signal));
  }
  const architecture = readGgufArchitecture(Object.fromEntries(keys), shapes, factors);
  return { architecture, writer: "gguf", keys, config: null, file: file.name };
}

async function configSaid(source: OpenSource, signal: AbortSignal): Promise<Said> {
  const { tensors, label } = source.info;
  const writer = writerOf(tensors);
  const file = await source.companion("config.json");
  if (file) {
    const config = await readJson(file, signal);
    return { architecture: readArchitecture(config), writer, keys: null, config, file: file.name };
  }
  const params = writer === "meta" ? await source.companion("params.json") : null;
  if (params) {
    const config = metaConfig(params.name, await readJson(params, signal), tensors);
    return { architecture: readArchitecture(config), writer, keys: null, config, file: params.name };
  }
  const wanted = writer === "meta" ? "config.json or params.json" : "config.json";
  throw new UserError(
    `Nothing says how the model of ${label} is made: ${wanted} was not given with it and does not lie beside it. Its tensors can be explored, not run.`,
  );
}
