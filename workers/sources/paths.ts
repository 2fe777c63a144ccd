/** True where a text is an address and nothing else. */
export const isAddress = (text: string): boolean => /^https?:\/\/\S+$/i.test(text);

/** A path's last part. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path without its last extension. */
export function stem(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? path.slice(0, dot) : path;
}
