/** Formats that bring their own blocks, scales and rounding. What they do then is no matter of a format: see `ggml` and `codes`. */
import { type BlockQuantizer, blockQuantizers } from "../../ggml/names.ts";
import type { Entry } from "../../grammar/signature.ts";
import type { Format } from "../types.ts";
import { codebookOf } from "./codebooks.ts";
import { codeEntries } from "./codes.ts";
import type { Family, KnownFormat } from "./format.ts";

/** Stands for results that another program made: a name in recipes that has no levels of its own. */
export const GIVEN = "given";
/** Checkpoints that may stand beside the one that is looked at. */
export const MOST_GIVEN = 4;
/** A quantizer of the reader's own. */
export const MODULE = "wasm";

/** What has no levels to list. */
const without = (entry: Entry, family: Family): KnownFormat => ({
  entry,
  family,
  build: () => ({ kind: "identity", name: entry.name, bits: 32 }),
});

/** One of ggml's: its codes, before scale and offset, are those of another format, or levels of its own. */
const block = ({ name, describe, levels }: BlockQuantizer, build: (name: string) => Format): KnownFormat => ({
  entry: { name, describe, params: [], whole: true },
  family: "blocks",
  build: () => (typeof levels === "string" ? { ...build(levels), name } : codebookOf(name, levels)),
});

/** ggml's block quantizers; `build` makes a format from a name alone. */
export const blocks = (build: (name: string) => Format): readonly KnownFormat[] =>
  blockQuantizers.map((quantizer) => block(quantizer, build));

/** Codes of a whole matrix. */
export const codes: readonly KnownFormat[] = Object.entries(codeEntries).map(([name, entry]) =>
  without({ name, whole: true, ...entry }, "vectors"),
);

export const given: KnownFormat = without(
  {
    name: GIVEN,
    describe: "the tensor of that name in another checkpoint, as another program made it",
    whole: true,
    params: [
      {
        key: "of",
        kind: "integer",
        min: 1,
        max: MOST_GIVEN,
        default: 1,
        positional: true,
        describe: "which of the other checkpoints",
      },
      {
        key: "bits",
        kind: "number",
        min: 0,
        optional: true,
        describe: "bits a weight, where its file does not tell",
      },
      {
        key: "by",
        kind: "digest",
        optional: true,
        describe: "SHA-256 of the program that made them, as the command line tells it",
      },
    ],
  },
  "given",
);

export const module: KnownFormat = without(
  {
    name: MODULE,
    describe: "a quantizer of one's own: a WebAssembly module, named by its content",
    whole: true,
    params: [{ key: "of", kind: "digest", positional: true, describe: "SHA-256 of the module's bytes" }],
  },
  "given",
);
