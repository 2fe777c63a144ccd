/** From an address to files that are read by range, with those beside them that belong to them. */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import type { RemoteListing } from "../spec.ts";
import { type Place, publicSites, readAddress, type Sites } from "./address.ts";
import { githubFile, lfsFile, pinGithub } from "./github.ts";
import { checkpointsIn, hubUrl, listHub, pinHub } from "./hub.ts";
import { type RemoteFile, rangeFile } from "./range-file.ts";
import { BlockCache } from "./read-cache.ts";
import type { Network } from "./request.ts";

export interface RemoteOptions extends Network {
  signal?: AbortSignal;
  /** Other addresses of the sites whose pages are understood. */
  sites?: Sites;
}

/** A file that an address leads to. */
export interface OpenedAddress {
  file: ByteSource;
  /** Pinned to a commit where the site has such: what a link holds. */
  address: string;
  label: string;
  /**
   * A file beside it, by its path from the folder of the first; `null` where the server has none. Rejects with UserError
   * for a path that leaves the folder.
   */
  beside(path: string): Promise<ByteSource | null>;
  /** The files beside it that may say how its tensors are quantized. */
  configs(): Promise<ByteSource[]>;
  /** Ends reads under way; later ones are refused. */
  close(): void;
}

/** What an address offers: one file, or the checkpoints of a repository. Rejects with UserError or AbortError. */
export async function listAddress(address: string, options: RemoteOptions = {}): Promise<RemoteListing> {
  const { sites = publicSites, signal } = options;
  const place = readAddress(address, sites);
  if (place.kind !== "hub repository")
    return { label: labelOf(place), files: [{ address, path: pathOf(place), bytes: null }] };
  const { repo, revision, folder } = place;
  const commit = await pinHub(repo, revision, sites, options, signal);
  const found = checkpointsIn(await listHub(repo, commit, folder, sites, options, signal));
  if (found.length === 0) {
    throw new UserError(`${repo}${folder && `/${folder}`} at ${revision} has no file that looks like a checkpoint.`);
  }
  const files = found.map(({ path, bytes }) => ({ address: hubUrl(repo, commit, path, sites), path, bytes }));
  return { label: repo, files };
}

/**
 * Opens the file an address leads to; of a repository, the only checkpoint or the index at its top. Rejects with
 * UserError (a repository with several names them) or AbortError.
 */
export async function openAddress(address: string, options: RemoteOptions = {}): Promise<OpenedAddress> {
  const { sites = publicSites, signal } = options;
  let place = readAddress(address, sites);
  if (place.kind === "hub repository") place = readAddress(await mainFile(address, options), sites);
  if (place.kind === "hub repository") throw new UserError(`${address} names no file.`);
  const located = await locate(place, options);
  const lifetime = new AbortController();
  const cache = new BlockCache();
  const open = async (remote: RemoteFile) =>
    cache.wrap(await rangeFile(remote, options, signal, lifetime.signal), remote.url);
  const settle = async (remote: RemoteFile): Promise<ByteSource> => {
    const file = await open(remote);
    const kept = await located.behind?.(file);
    return kept ? open(kept) : file;
  };
  const opened = new Map<string, Promise<ByteSource | null>>();
  const { file: remote } = located;
  const file = await settle(remote);
  const beside = async (path: string): Promise<ByteSource | null> => {
    checkBeside(remote.name, path);
    const known = opened.get(path);
    if (known) return known;
    const opening = located.beside(path).then(settle).catch(absent);
    opened.set(path, opening);
    opening.catch(() => opened.delete(path));
    return opening;
  };
  return {
    file,
    address: remote.url,
    label: labelOf(place),
    beside,
    configs: async () =>
      /\.safetensors(\.index\.json)?$/i.test(remote.name) ? quantizationConfigs(located, beside, signal) : [],
    close: () => lifetime.abort(new DOMException("The source was closed.", "AbortError")),
  };
}

/** Of a repository, the address of the only checkpoint, or of the one at its top that is named as the main one is. */
async function mainFile(address: string, options: RemoteOptions): Promise<string> {
  const { label, files } = await listAddress(address, options);
  const main = files.length === 1 ? files[0] : files.find(({ path }) => MAIN.test(path));
  if (main) return main.address;
  const some = files.slice(0, 8).map((f) => f.path);
  const more = files.length > some.length ? ` and ${files.length - some.length} more` : "";
  throw new UserError(`${label} has ${files.length} checkpoints: name one. There are ${some.join(", ")}${more}.`);
}

const MAIN = /^model\.safetensors(\.index\.json)?$/;

/** Where checkpoints say how they are quantized; the first that does is enough. */
const CONFIGS = ["config.json", "hf_quant_config.json", "quantize_config.json"];
/** A configuration is a page of text. */
const MAX_CONFIG = 4 * 2 ** 20;

async function quantizationConfigs(
  { names }: Located,
  beside: OpenedAddress["beside"],
  signal?: AbortSignal,
): Promise<ByteSource[]> {
  const listed = await names?.();
  for (const name of CONFIGS) {
    if (listed && !listed.has(name)) continue;
    const file = await beside(name).catch(passOver);
    if (!file || file.size > MAX_CONFIG) continue;
    const text = new TextDecoder().decode(await file.slice(0, file.size, signal));
    if (/quant|compression/.test(text)) return [file];
  }
  return [];
}

/** What a server says about a file that may not be there spoils nothing. */
function passOver(error: unknown): null {
  if (error instanceof UserError) return null;
  throw error;
}

interface Located {
  file: RemoteFile;
  beside(path: string): Promise<RemoteFile>;
  /** Names of the files in its folder, where the site tells. */
  names?(): Promise<ReadonlySet<string>>;
  /** The file that another stands for. */
  behind?(file: ByteSource): Promise<RemoteFile | null>;
}

async function locate(place: Exclude<Place, { kind: "hub repository" }>, options: RemoteOptions): Promise<Located> {
  const { sites = publicSites, signal } = options;
  if (place.kind === "file") {
    const at = (path: string) => ({ name: path, url: besideUrl(place.url, path) });
    return { file: { name: place.path, url: place.url }, beside: async (path) => at(path) };
  }
  const { repo, path } = place;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  if (place.kind === "hub file") {
    const commit = await pinHub(repo, place.revision, sites, options, signal);
    const at = (name: string) => ({ name, url: hubUrl(repo, commit, name, sites) });
    const names = async () => {
      const files = await listHub(repo, commit, folder.replace(/\/$/, ""), sites, options, signal, false);
      return new Set(files.map((file) => file.path.slice(folder.length)));
    };
    return { file: at(path), beside: async (name) => at(folder + name), names };
  }
  const commit = await pinGithub(repo, place.revision, sites, options, signal);
  const at = (name: string) => githubFile(repo, commit, name, sites, options, signal);
  return {
    file: await at(path),
    beside: (name) => at(folder + name),
    behind: (file) => lfsFile(file, repo, commit, sites, signal),
  };
}

/** The address of a file beside another; what follows the path (a signature, say) is kept. */
function besideUrl(url: string, path: string): string {
  const beside = new URL(path.split("/").map(encodeURIComponent).join("/"), url);
  beside.search = new URL(url).search;
  return beside.href;
}

/** Names of shards come from files that nobody vouches for: they stay below the folder of the file that names them. */
function checkBeside(from: string, path: string): void {
  const parts = path.split("/");
  const leaves =
    path === "" || path.includes("\\") || path.includes(":") || parts.some((p) => p === "" || /^\.+$/.test(p));
  if (leaves) {
    throw new UserError(
      `${from} names a file outside its own folder, ${JSON.stringify(path.slice(0, 80))}: it is not read.`,
    );
  }
}

/** A file that the server does not have is no failure when one only looked for it. */
function absent(error: unknown): null {
  if (error instanceof UserError && / has no such file \((404|410)\)/.test(error.message)) return null;
  throw error;
}

const pathOf = (place: Exclude<Place, { kind: "hub repository" }>): string => place.path;

function labelOf(place: Place): string {
  if (place.kind === "file") return place.path;
  if (place.kind === "hub repository") return place.repo;
  return `${place.repo.split("/").pop()}/${place.path}`;
}
