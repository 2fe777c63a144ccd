/** What a link says that it left out. It names parts by their keys: the words are the page's own, never the link's. */
import { calibrationKeys } from "./calibration.ts";
import { otherKeys } from "./others.ts";
import type { Scheme } from "./scheme.ts";

const words: Readonly<Record<string, string>> = {
  t: "the tensor's name",
  shape: "the shape",
  m: "the matrix view",
  a: "recipe A",
  b: "recipe B",
  def: "definitions of codebooks",
  [otherKeys.source]: "a checkpoint beside the source",
  [calibrationKeys.source]: "the calibration",
  [calibrationKeys.activations]: "the recipe for activations",
};

/** What the keys of a link's part stand for, each once; keys that no link leaves out are passed over. */
export const leftWords = ({ fields }: Scheme, keys: string | undefined): string[] =>
  [...new Set((keys ?? "").split(","))].flatMap(
    (key) => (Object.hasOwn(words, key) ? words[key] : fields.get(key)?.what) ?? [],
  );
