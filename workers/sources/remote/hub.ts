/** Repositories of Hugging Face: a revision pinned to its commit, and the checkpoint files in it. */
import { UserError } from "../../errors/user-error.ts";
import { encodePath, type Sites } from "./address.ts";
import { askJson } from "./json.ts";
import type { Network } from "./request.ts";

/** A file in a repository's listing. */
export interface ListedFile {
  path: string;
  bytes: number;
}

/** Entries that are listed at most: a repository may hold a data set of millions of pictures. */
const MAX_ENTRIES = 50_000;
const COMMIT = /^[0-9a-f]{40}$/;

/** `models/owner/name`, `datasets/owner/name`: how the API names it. */
const apiName = (repo: string): string => (/^(datasets|spaces)\//.test(repo) ? repo : `models/${repo}`);

/** The commit that a branch or a tag stands for now. */
export async function pinHub(
  repo: string,
  revision: string,
  sites: Sites,
  network: Network,
  signal?: AbortSignal,
): Promise<string> {
  if (COMMIT.test(revision)) return revision;
  const url = `${sites.hub}/api/${apiName(repo)}/revision/${encodeURIComponent(revision)}`;
  const { value } = await askJson(repo, url, network, signal);
  const { sha } = (value ?? {}) as { sha?: unknown };
  if (typeof sha !== "string" || !COMMIT.test(sha))
    throw new UserError(`${repo}: its site named no commit for ${revision}.`);
  return sha;
}

/** The address of a file at a commit. */
export const hubUrl = (repo: string, commit: string, path: string, sites: Sites): string =>
  `${sites.hub}/${repo}/resolve/${commit}/${encodePath(path)}`;

/** All files in a folder at a commit, and where `below` in its folders, page by page. Rejects with UserError or AbortError. */
export async function listHub(
  repo: string,
  commit: string,
  folder: string,
  sites: Sites,
  network: Network,
  signal?: AbortSignal,
  below = true,
): Promise<ListedFile[]> {
  const path = folder && `/${encodePath(folder)}`;
  const start = `${sites.hub}/api/${apiName(repo)}/tree/${commit}${path}${below ? "?recursive=true" : ""}`;
  const files: ListedFile[] = [];
  for (let url: string | null = start, entries = 0; url !== null; ) {
    const { value, headers } = await askJson(repo, url, network, signal);
    if (!Array.isArray(value)) throw new UserError(`${repo}: its site answered with something that is no listing.`);
    entries += value.length;
    if (entries > MAX_ENTRIES) {
      throw new UserError(
        `${repo} has more than ${MAX_ENTRIES} entries: give the address of one of its folders or files.`,
      );
    }
    for (const entry of value as { type?: unknown; path?: unknown; size?: unknown }[]) {
      const { type, path, size } = entry ?? {};
      if (type === "file" && typeof path === "string" && typeof size === "number") files.push({ path, bytes: size });
    }
    url = nextPage(headers.get("Link"), url);
  }
  return files;
}

/** The next page by a Link header (RFC 8288), at the same origin; `null` on the last one. */
export function nextPage(link: string | null, from: string): string | null {
  const match = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? "");
  if (!match) return null;
  const next = new URL(match[1], from);
  return next.origin === new URL(from).origin && next.href !== from ? next.href : null;
}

const CHECKPOINT = /\.(safetensors|gguf|npy|npz|pt|pth|ckpt|bin|onnx|h5|keras)$/i;
/** An index, and the ending of the shards it lists. */
const INDEX = /(\.safetensors|\.bin)\.index\.json$/i;
/** `model-00002-of-00005`: one of several files. */
const PART = /-(\d+)-of-(\d+)\.[^.]+$/;

/**
 * The files of a listing that can be opened by themselves, the likeliest first: shards are left to their index, parts of
 * a split model to the first.
 */
export function checkpointsIn(files: readonly ListedFile[]): ListedFile[] {
  const kindIn = (path: string, ending: string | undefined) =>
    `${path.slice(0, path.lastIndexOf("/") + 1)}*${ending?.toLowerCase()}`;
  const indexed = new Set(files.flatMap(({ path }) => (INDEX.test(path) ? kindIn(path, INDEX.exec(path)?.[1]) : [])));
  const isTfjs = (path: string) => /(^|\/)model\.json$/i.test(path);
  const standsAlone = ({ path }: ListedFile): boolean => {
    if (INDEX.test(path) || isTfjs(path)) return true;
    if (!CHECKPOINT.test(path)) return false;
    const part = PART.exec(path);
    if (!part) return true;
    if (/\.gguf$/i.test(path)) return Number(part[1]) === 1;
    return !indexed.has(kindIn(path, path.slice(path.lastIndexOf("."))));
  };
  const rank = ({ path }: ListedFile): number => {
    const deep = path.split("/").length - 1;
    const kind = INDEX.test(path) ? 0 : /\.safetensors$/i.test(path) ? 1 : /\.gguf$/i.test(path) ? 2 : 3;
    return 10 * deep + kind;
  };
  return files
    .filter(standsAlone)
    .sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
