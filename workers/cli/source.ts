/**
 * What stands for FILE: a path, an address, a sample (`sample:small-llama`), a generator such as `gen:normal(rows=1024,cols=1024,seed=1)`, or
 * the twin with outliers of a model that is named so (`twin:sample:small-llama`, `twin(power=6):FOLDER`).
 */
import { readFileSync } from "node:fs";
import { isAddress } from "../bytes/paths.ts";
import type { RawSpec } from "../checkpoints/raw.ts";
import { UserError } from "../errors/user-error.ts";
import { isLogical } from "../layouts/logical-tensor.ts";
import { DECODED_BYTES } from "../runs/memory.ts";
import type { Sample } from "../samples/list.ts";
import { generatorInfos } from "../sources/generators.ts";
import { openPath } from "../sources/node.ts";
import { type OpenSource, openSource, openUrl } from "../sources/open.ts";
import { publicSites } from "../sources/remote/address.ts";
import type { AccessToken, GeneratorSpec } from "../sources/spec.ts";
import { TensorCache } from "../tensors/cache.ts";
import type { TensorInfo } from "../tensors/info.ts";

const PREFIX = "gen:";
const SAMPLE = "sample:";

/** Opens it; `raw` tells how where it has no header. Rejects with UserError. */
export async function openArgument(text: string, { raw }: { raw?: RawSpec | undefined } = {}): Promise<OpenSource> {
  const io = { cache: new TensorCache(DECODED_BYTES) };
  const twin = /^twin(?:\(([^()]*)\))?:(.+)$/s.exec(text);
  if (twin) {
    const { openTwin } = await import("../models/twin.ts");
    return openTwin(await openArgument(twin[2], { raw }), twin[1] ?? "", io.cache, new AbortController().signal);
  }
  const isFile = !isAddress(text) && !text.startsWith(PREFIX) && !text.startsWith(SAMPLE);
  if (raw && !isFile) throw new UserError(`--raw is for files on disk, which ${text} is not.`);
  if (isAddress(text)) return openUrl(text, text, io, hubToken());
  if (text.startsWith(SAMPLE)) return openPath(samplePath(text.slice(SAMPLE.length)), io);
  if (!text.startsWith(PREFIX)) return openPath(text, io, raw);
  return openSource({ kind: "generator", generator: parseGenerator(text.slice(PREFIX.length)) }, text, io);
}

/** Where the command runs: the project's own folder. */
const SAMPLES = "public/samples/";

/** The checkpoint of a bundled sample. Throws UserError for one that there is not. */
function samplePath(id: string): string {
  let samples: Sample[];
  try {
    samples = JSON.parse(readFileSync(`${SAMPLES}index.json`, "utf8")) as Sample[];
  } catch {
    throw new UserError(
      `sample:${id}: there is no ${SAMPLES}index.json here. Run the command in the project's folder.`,
    );
  }
  const sample = samples.find((one) => one.id === id);
  if (!sample) throw new UserError(`There is no sample "${id}". There are ${samples.map((one) => one.id).join(", ")}.`);
  return `${SAMPLES}${sample.files ? `${id}/${sample.files[0].name}` : `${id}.safetensors`}`;
}

/** The token that Hugging Face's own tools take from the environment: an argument would stay in the shell's history. */
function hubToken(): AccessToken | undefined {
  const value = process.env.HF_TOKEN;
  return value ? { origin: publicSites.hub, value } : undefined;
}

/** `name` or `name(key=number,...)`; rows, cols and seed default to the generator's own, as its parameters do. */
export function parseGenerator(text: string): GeneratorSpec {
  const match = /^([a-z]+)(?:\(([^()]*)\))?$/.exec(text);
  if (!match) throw new UserError(`"${text}" is no generator: write one as normal(rows=1024,cols=1024,seed=1).`);
  const [, name, list = ""] = match;
  const info = generatorInfos.find((g) => g.name === name);
  if (!info) {
    throw new UserError(`There is no generator "${name}". There are ${generatorInfos.map((g) => g.name).join(", ")}.`);
  }
  const params: Record<string, number> = {};
  for (const part of list.split(",").filter((p) => p !== "")) {
    const [key, value, ...rest] = part.split("=");
    const number = Number(value);
    if (rest.length > 0 || !value?.trim() || Number.isNaN(number)) {
      throw new UserError(`${name}: "${part}" is no parameter: write one as rows=1024.`);
    }
    params[key.trim()] = number;
  }
  const { rows, cols, seed, ...own } = { ...info.defaults, ...params };
  return { name, rows, cols, seed, params: own };
}

/** The only positional argument. Throws UserError naming what is missing or too much. */
export function onlyFile(command: string, positionals: readonly string[]): string {
  if (positionals.length === 1) return positionals[0];
  if (positionals.length === 0) throw new UserError(`${command} needs a file, a folder, an address or a generator.`);
  throw new UserError(`${command} takes one file, and "${positionals[1]}" is a second.`);
}

/** The tensor by name (or that of a weight's part), or the only one there is; read as `reading` says. Throws UserError. */
export function chosenTensor(
  source: OpenSource,
  name: string | undefined,
  { other = "", reading = "" }: { other?: string; reading?: string | undefined } = {},
): TensorInfo {
  const { info } = source;
  const only = info.tensors.length === 1 ? info.tensors[0].name : undefined;
  const chosen = name ?? only;
  if (chosen !== undefined) {
    const tensor = source.tensor(chosen);
    if (reading === "") return tensor.info;
    if (!isLogical(tensor)) throw new UserError(`${chosen} is stored as plain numbers: there is one reading of it.`);
    return tensor.as(reading).info;
  }
  throw new UserError(`${info.label} has ${info.tensors.length} tensors: name one with --tensor${other}.`);
}
