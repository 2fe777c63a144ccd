const LONGEST = 80;

/** A name that every file system takes, from any text. */
export const fileName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, LONGEST) || "tensor";
