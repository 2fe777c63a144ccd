import { type ByteSource, blobSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { baseName } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import type { OpenSource } from "../../sources/open.ts";
import { type OriginText, textOf } from "./origin.ts";

/** A text that a model runs on. */
export type TextSpec =
  /** What comes with a sample: its part that judges, or the one that calibrates. */
  | { kind: "bundled"; part: "judge" | "calibrate" }
  | { kind: "typed"; text: string }
  | { kind: "file"; file: Blob; name?: string };

/** The text that lies beside a sample's checkpoint. */
const BUNDLED = "valid.txt";
/** Characters of it that judge; the rest calibrates, so that figures and calibrations share none by default. */
export const JUDGING_CHARACTERS = 40_000;
/** Longer files are refused: all of a text becomes tokens before windows of it are drawn. */
const MOST_BYTES = 2 ** 26;

/** Reads a text. Rejects with UserError, or with AbortError. */
export async function readText(
  spec: TextSpec,
  source: Pick<OpenSource, "companion" | "info">,
  signal?: AbortSignal,
): Promise<OriginText> {
  switch (spec.kind) {
    case "typed":
      return textOf(spec.text, "the text given");
    case "file": {
      const file = blobSource(spec.file, spec.name);
      return textOf(await decoded(file, signal), baseName(file.name));
    }
    case "bundled": {
      const file = await source.companion(BUNDLED);
      if (!file) throw new UserError(`${source.info.label} comes with no text: paste some, or choose a file.`);
      const document = await decoded(file, signal);
      const count = JUDGING_CHARACTERS.toLocaleString("en");
      return spec.part === "judge"
        ? textOf(document, `the first ${count} characters of the text that comes with it`, 0, JUDGING_CHARACTERS)
        : textOf(document, `the text that comes with it, from character ${count} on`, JUDGING_CHARACTERS);
    }
  }
}

async function decoded(file: ByteSource, signal?: AbortSignal): Promise<string> {
  if (file.size > MOST_BYTES) {
    throw new UserError(
      `${file.name} has ${formatBytes(file.size)}: a text has at most ${formatBytes(MOST_BYTES)}. Take a part of it.`,
    );
  }
  const bytes = await file.slice(0, file.size, signal);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${file.name} is not text in UTF-8.`);
  }
}
