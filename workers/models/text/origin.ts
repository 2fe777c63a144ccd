/** Where a text comes from, so that text that judges a model and text that calibrated it can be told apart. */
import { hex, Sha256 } from "../../bytes/sha256.ts";

/** A range of a document. */
export interface TextOrigin {
  /** For the reader: "the sample's held-out text, its first 40,000 characters". */
  label: string;
  /** SHA-256 of the whole document in UTF-8, in hex. */
  document: string;
  /** Characters [from, to) of it, as UTF-16 counts them. */
  from: number;
  to: number;
}

export interface OriginText extends TextOrigin {
  text: string;
}

/** A range of a document as a text of its own. */
export function textOf(document: string, label: string, from = 0, to = document.length): OriginText {
  const digest = new Sha256();
  digest.update(new TextEncoder().encode(document));
  return {
    text: document.slice(from, to),
    label,
    document: hex(digest.finish()),
    from,
    to: Math.min(to, document.length),
  };
}

/** What a file that was made of a text says of it, in its metadata. */
export const originMetadata = ({ label, document, from, to }: TextOrigin): Record<string, string> => ({
  text: label,
  "text digest": document,
  "text characters": `${from}-${to}`,
});

/** Reads that again; null where there is none. */
export function originIn(metadata: Record<string, string>): TextOrigin | null {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(metadata["text characters"] ?? "") ?? [];
  const document = metadata["text digest"];
  if (to === undefined || document === undefined) return null;
  return { label: metadata.text ?? "", document, from: Number(from), to: Number(to) };
}

/** Characters that both have; null where it cannot be told, since they are of different documents. */
export function sharedCharacters(a: TextOrigin, b: TextOrigin): number | null {
  if (a.document !== b.document) return null;
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

/** Says of text that judges which of it calibrated as well; null where none did. */
export function overlapNote(judges: TextOrigin, calibrated: TextOrigin): string | null {
  const shared = sharedCharacters(judges, calibrated);
  if (!shared) return null;
  const count = shared.toLocaleString("en");
  return `${count} of the ${(judges.to - judges.from).toLocaleString("en")} characters that judge also calibrated: these figures are better than those on other text would be.`;
}
