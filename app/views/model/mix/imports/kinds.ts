/** What a file is, by its first bytes; its name only where these say nothing. */

export type FileKind = "scores" | "imatrix" | "log" | "checkpoint" | "nothing";

const text = new TextDecoder();

/** A GGUF file of an importance matrix names its kind, or its data sets, among its first keys. */
const isImatrix = (head: string): boolean => /general\.type.{0,24}imatrix|imatrix\.(datasets|chunk)/s.test(head);

/** @param head the first kilobytes */
export function kindOf(name: string, head: Uint8Array): FileKind {
  const words = text.decode(head);
  if (words.startsWith("GGUF")) return isImatrix(words) ? "imatrix" : "checkpoint";
  if (/^\uFEFF?\s*[[{]/.test(words)) return "scores";
  if (/\.(safetensors|pt|pth|bin|onnx)$/i.test(name)) return "checkpoint";
  // llama.cpp's older importance matrices have no mark: a count of entries, then the length of a name.
  if (/\.(dat|imatrix)$/i.test(name)) return "imatrix";
  if (/\.(log|txt)$/i.test(name) || isReadable(words)) return "log";
  return "nothing";
}

/** Nothing but text: no byte that only binary files have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what tells
const isReadable = (words: string): boolean => words !== "" && !/[\u0000-\u0008\u000e-\u001a\ufffd]/.test(words);
