/** True where a text is an address and nothing else. */
export function isAddress(text: string): boolean {
  if (!/^https?:\/\/\S+$/i.test(text)) return false;
  try {
    return new URL(text).host !== "";
  } catch {
    return false;
  }
}

/** A path's last part. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path without its last extension. */
export function stem(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? path.slice(0, dot) : path;
}

/**
 * A path from a folder to a file below it, without "./"; `null` for one that leaves the folder, or might on some system.
 * Names of shards come from files that nobody vouches for.
 */
export function pathBelow(path: string): string | null {
  const parts = path.split("/").filter((part) => part !== ".");
  const leaves = parts.length === 0 || parts.some((part) => part === "" || /^\.+$/.test(part));
  // Backslashes and colons separate parts and drives on Windows; a colon also ends the scheme of an address.
  return leaves || /[\\:\0]/.test(path) ? null : parts.join("/");
}

/** The sentence for a file that names another which `pathBelow` refuses. */
export function outsideFolder(from: string, path: string): string {
  return `${from} names a file outside its own folder, ${JSON.stringify(path.slice(0, 80))}: it is not read.`;
}
