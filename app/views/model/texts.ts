/** Texts that the reader gave: held for the session only; links know their digests. */
import { createStore } from "zustand/vanilla";
import { JUDGING_CHARACTERS, type TextSpec } from "../../../workers/models/text/spec.ts";
import { perWorkbench } from "../../state/workbench.ts";
import { digestOf, SHORT_TEXT, type TextChoice } from "./text-choice.ts";

export interface HeldTexts {
  /** By the digest of their bytes. */
  files: ReadonlyMap<string, File>;
  pasted: ReadonlyMap<string, string>;
  /** The text of the bundled model, for models that come without one. */
  sample: string | null;
}

export const textsOf = perWorkbench(() =>
  createStore<HeldTexts>(() => ({ files: new Map<string, File>(), pasted: new Map<string, string>(), sample: null })),
);

type Store = ReturnType<typeof textsOf>;

/** Text is read whole: more of it than this is not a text that somebody judges a model by in a page. */
export const MOST_TEXT = 2 ** 26;

/** Holds a file and gives the choice that names it. */
export async function holdFile(store: Store, file: File): Promise<TextChoice> {
  if (file.size > MOST_TEXT)
    throw new Error(
      `${file.name} has ${file.size.toLocaleString("en")} bytes; a text of at most ${MOST_TEXT.toLocaleString("en")} is read.`,
    );
  const digest = await digestOf(new Uint8Array(await file.arrayBuffer()));
  store.setState(({ files }) => ({ files: new Map(files).set(digest, file) }));
  return { kind: "file", fingerprint: { name: file.name, size: file.size, digest } };
}

/** A short pasted text stands in the link; of a long one the link has the digest. */
export async function holdPasted(store: Store, text: string): Promise<TextChoice> {
  if (text.length <= SHORT_TEXT) return { kind: "typed", text };
  const bytes = new TextEncoder().encode(text);
  const digest = await digestOf(bytes);
  store.setState(({ pasted }) => ({ pasted: new Map(pasted).set(digest, text) }));
  return { kind: "long", digest, size: bytes.length };
}

/** Gets the text that comes with a bundled model, for another one. */
export async function fetchSample(store: Store, id: string): Promise<void> {
  const response = await fetch(new URL(`samples/${id}/${SAMPLE_TEXT}`, document.baseURI));
  if (!response.ok)
    throw new Error(`The text of the sample could not be read: ${response.status} ${response.statusText}.`);
  store.setState({ sample: await response.text() });
}

/** The file beside a bundled model. */
export const SAMPLE_TEXT = "valid.txt";

/**
 * What is asked of the workers for a choice; null where its text is not at hand.
 * @param own whether a text lies beside the model itself
 */
export function specOf(choice: TextChoice, { files, pasted, sample }: HeldTexts, own = true): TextSpec | null {
  switch (choice.kind) {
    case "bundled": {
      if (own) return { kind: "bundled", part: choice.part };
      if (sample === null) return null;
      const [from, to] = choice.part === "judge" ? [0, JUDGING_CHARACTERS] : [JUDGING_CHARACTERS, sample.length];
      return { kind: "typed", text: sample.slice(from, to) };
    }
    case "typed":
      return { kind: "typed", text: choice.text };
    case "long": {
      const text = pasted.get(choice.digest);
      return text === undefined ? null : { kind: "typed", text };
    }
    case "file": {
      const file = files.get(choice.fingerprint.digest);
      return file ? { kind: "file", file, name: choice.fingerprint.name } : null;
    }
  }
}
