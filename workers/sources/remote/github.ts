/** Files of GitHub repositories: raw addresses, pinned to a commit, behind Git LFS where a file is kept there. */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { encodePath, type Sites } from "./address.ts";
import { askJson, askText } from "./json.ts";
import type { RemoteFile } from "./range-file.ts";
import type { Network } from "./request.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/** The commit that a branch or a tag stands for now. */
export async function pinGithub(
  repo: string,
  revision: string,
  sites: Sites,
  network: Network,
  signal?: AbortSignal,
): Promise<string> {
  if (COMMIT.test(revision)) return revision;
  const url = `${sites.githubApi}/repos/${repo}/commits/${encodeURIComponent(revision)}`;
  // With this media type the answer is the commit's name and nothing else.
  const { text } = await askText(repo, url, network, signal, { Accept: "application/vnd.github.sha" });
  return COMMIT.test(text.trim()) ? text.trim() : revision;
}

/**
 * A file at a commit. The raw host keeps Content-Range from readers of other origins, so that the size comes from the
 * API; at a commit neither can change.
 */
export async function githubFile(
  repo: string,
  commit: string,
  path: string,
  sites: Sites,
  network: Network,
  signal?: AbortSignal,
): Promise<RemoteFile> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const listing = `${sites.githubApi}/repos/${repo}/contents/${encodePath(folder.replace(/\/$/, ""))}?ref=${commit}`;
  // The listing of the folder rather than the file itself: its answer holds no content.
  const { value } = await askJson(`${repo}/${path}`, listing, network, signal);
  const entries = Array.isArray(value) ? (value as { path?: unknown; size?: unknown }[]) : [];
  const size = entries.find((entry) => entry?.path === path)?.size;
  return {
    name: path,
    url: `${sites.githubRaw}/${repo}/${commit}/${encodePath(path)}`,
    ...(typeof size === "number" && { size }),
  };
}

/** Longest pointer that Git LFS writes. */
const MAX_POINTER = 1024;

/** The file that a pointer of Git LFS stands for; `null` where the file is no pointer. */
export async function lfsFile(
  file: ByteSource,
  repo: string,
  commit: string,
  sites: Sites,
  signal?: AbortSignal,
): Promise<RemoteFile | null> {
  if (file.size > MAX_POINTER) return null;
  const text = new TextDecoder().decode(await file.slice(0, file.size, signal));
  const size = /^size (\d+)$/m.exec(text);
  if (!text.startsWith("version https://git-lfs.github.com/spec/") || !size) return null;
  const url = `${sites.githubMedia}/media/${repo}/${commit}/${encodePath(file.name)}`;
  return { name: file.name, url, size: Number(size[1]) };
}
