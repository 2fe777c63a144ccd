/** What an address that a person gives names: a file, or a page about one. Nothing is asked of any server here. */
import { UserError } from "../../errors/user-error.ts";

/** Where the sites live whose pages are understood; tests have their own. */
export interface Sites {
  hub: string;
  github: string;
  githubApi: string;
  githubRaw: string;
  githubMedia: string;
}

export const publicSites: Sites = {
  hub: "https://huggingface.co",
  github: "https://github.com",
  githubApi: "https://api.github.com",
  githubRaw: "https://raw.githubusercontent.com",
  githubMedia: "https://media.githubusercontent.com",
};

export type Place =
  /** Any server's file. */
  | { kind: "file"; url: string; path: string }
  /** A Hugging Face repository: `repo` is `owner/name` or `datasets/owner/name`; the path is a folder ("" for all). */
  | { kind: "hub repository"; repo: string; revision: string; folder: string }
  | { kind: "hub file"; repo: string; revision: string; path: string }
  /** A file of a GitHub repository. */
  | { kind: "github file"; repo: string; revision: string; path: string };

const SHORT_HUBS = ["https://hf.co", "https://www.huggingface.co"];

/** The origin that a token for an address goes to. Throws UserError. */
export function tokenOrigin(address: string, sites: Sites = publicSites): string {
  const place = readAddress(address, sites);
  return place.kind.startsWith("hub") ? new URL(sites.hub).origin : parseUrl(address.trim()).origin;
}

/** Reads an address. Throws UserError. */
export function readAddress(text: string, sites: Sites = publicSites): Place {
  const url = parseUrl(text.trim());
  const at = (site: string) => url.origin === new URL(site).origin;
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const decoded = parts.map(decodePart);
  if (at(sites.hub) || SHORT_HUBS.includes(url.origin)) return hubPlace(text, decoded);
  if (at(sites.github)) {
    const [owner, name, page, revision, ...path] = decoded;
    if ((page === "blob" || page === "raw") && path.length > 0) {
      return { kind: "github file", repo: `${owner}/${name}`, revision, path: path.join("/") };
    }
    if (page === "releases" && path.length > 0) return fileAt(url, decoded);
    throw new UserError(`${text}: this page of GitHub names no file. Give the address of the file's own page.`);
  }
  if (at(sites.githubRaw)) {
    const [owner, name, ...rest] = decoded;
    // Both `owner/name/main/path` and `owner/name/refs/heads/main/path` are in use.
    const [revision, ...path] = rest[0] === "refs" ? rest.slice(2) : rest;
    if (path.length > 0) return { kind: "github file", repo: `${owner}/${name}`, revision, path: path.join("/") };
  }
  return fileAt(url, decoded);
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`${JSON.stringify(text.slice(0, 80))} is no address: write it as https://host/path.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UserError("An address with a name or a password in it is not opened: give an access token instead.");
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw new UserError(`${text}: files are read over https, and over http from this machine only.`);
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function fileAt(url: URL, parts: string[]): Place {
  if (parts.length === 0) throw new UserError(`${url.href} names no file: give the address of a checkpoint.`);
  return { kind: "file", url: url.href.replace(/#.*$/, ""), path: parts[parts.length - 1] };
}

function hubPlace(text: string, parts: string[]): Place {
  const kind = parts[0] === "datasets" || parts[0] === "spaces" ? parts[0] : null;
  const [owner, name, page, revision = "main", ...path] = kind ? parts.slice(1) : parts;
  if (!owner || !name) {
    throw new UserError(`${text}: a repository is written as https://huggingface.co/owner/name.`);
  }
  const repo = `${kind ? `${kind}/` : ""}${owner}/${name}`;
  if (page === undefined || page === "tree") {
    return { kind: "hub repository", repo, revision, folder: path.join("/") };
  }
  if ((page === "blob" || page === "resolve" || page === "raw") && path.length > 0) {
    return { kind: "hub file", repo, revision, path: path.join("/") };
  }
  throw new UserError(
    `${text}: this page names no file. Give the address of the repository or of the file's own page.`,
  );
}

/** A path as it stands in an address. */
export const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
