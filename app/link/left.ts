/** What a link says that it left out. It names parts by their keys: the words are the page's own, never the link's. */
import { otherKeys } from "./others.ts";
import { sweepKeys } from "./sweep.ts";

const words = new Map<string, string>([
  ["t", "the tensor's name"],
  ["shape", "the shape"],
  ["m", "the matrix view"],
  ["a", "recipe A"],
  ["b", "recipe B"],
  ["def", "definitions of codebooks"],
  ["f", "the format"],
  ["f2", "the second format"],
  ["u", "the formats' unit"],
  [otherKeys.source, "a checkpoint beside the source"],
  [sweepKeys.grid, "the sweep's grid"],
  [sweepKeys.tensors, "the sweep's tensors"],
  [sweepKeys.hidden, "the sweep's filter"],
  [sweepKeys.shown, "the sweep's tensor"],
]);

/** What the keys of a link's part stand for, each once; keys that no link leaves out are passed over. */
export const leftWords = (keys: string | undefined): string[] =>
  [...new Set((keys ?? "").split(","))].flatMap((key) => words.get(key) ?? []);
