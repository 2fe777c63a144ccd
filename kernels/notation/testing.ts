import type { Vocabulary } from "../grammar/signature.ts";
import { vocabulary } from "./vocabulary.ts";

/**
 * The registered names and a few that use what no registered name uses yet: steps after the quantizer, a positional
 * recipe, positional arguments that may be left out, aliases that hold steps, rules and roundings. For tests.
 */
export const testVocabulary: Vocabulary = {
  ...vocabulary,
  steps: [
    ...vocabulary.steps,
    {
      name: "fixup",
      place: "after",
      describe: "a correction",
      params: [
        { key: "rank", kind: "integer", min: 1, max: 4096, positional: true, describe: "rank" },
        { key: "gain", kind: "number", default: 1, positional: true, describe: "gain" },
        { key: "floor", kind: "number", optional: true, positional: true, describe: "floor" },
        { key: "factors", kind: "quantizer", optional: true, describe: "how the factors are stored" },
      ],
    },
    {
      name: "side",
      place: "before",
      describe: "a split with a recipe of its own",
      params: [
        { key: "with", kind: "quantizer", positional: true, describe: "how the split part is stored" },
        { key: "share", kind: "number", min: 0, max: 1, optional: true, positional: true, describe: "share split off" },
      ],
    },
  ],
  aliases: [
    ...vocabulary.aliases,
    { name: "turned", text: "ht(64)+int4@sr(seed=5)/64~pct(99.5):f16", describe: "an alias with a step before" },
    { name: "turned2", text: "rht(32)+turned+fixup(8)", describe: "an alias of an alias, with steps around" },
    { name: "own", text: "e2m3(bias=2)/col~rms:e8m0@up", describe: "an alias with what cannot be taken back" },
  ],
};
