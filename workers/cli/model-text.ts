/** The text that a command runs through a model: `--text FILE`, or a part of what lies beside the model. */
import { UserError } from "../errors/user-error.ts";
import { type OriginText, textOf } from "../models/text/origin.ts";
import { readText } from "../models/text/spec.ts";
import { openFilesAt } from "../sources/node.ts";
import type { OpenSource } from "../sources/open.ts";

/** For `parseArgs`. */
export const TEXT_OPTIONS = {
  text: { type: "string" },
  part: { type: "string" },
  characters: { type: "string" },
} as const;

type TextValues = { [K in keyof typeof TEXT_OPTIONS]?: string | undefined };

/** Reads it; `usual` is the part that is taken where nothing is said. Rejects with UserError. */
export async function textArgument(
  { text: path, part, characters }: TextValues,
  source: OpenSource,
  usual: "judge" | "calibrate",
): Promise<OriginText> {
  if (path === undefined) {
    if (characters !== undefined) throw new UserError("--characters is of a text: name it with --text FILE.");
    if (part !== undefined && part !== "judge" && part !== "calibrate") {
      throw new UserError(`--part is judge or calibrate, of the text that lies beside the model, not "${part}".`);
    }
    return readText({ kind: "bundled", part: part ?? usual }, source);
  }
  if (part !== undefined) throw new UserError("--text and --part exclude each other.");
  const whole = await readFileText(path, source);
  if (characters === undefined) return whole;
  const [, from, to] = /^(\d*)-(\d*)$/.exec(characters) ?? [];
  if (from === undefined || (from === "" && to === "")) {
    throw new UserError(`--characters is a range such as 0-40000, or 40000-, not "${characters}".`);
  }
  const [begin, end] = [Number(from), to === "" ? whole.text.length : Number(to)];
  if (begin >= Math.min(end, whole.text.length)) {
    throw new UserError(`--characters ${characters}: ${path} has ${whole.text.length} characters.`);
  }
  return textOf(whole.text, whole.label, begin, end);
}

async function readFileText(path: string, source: OpenSource): Promise<OriginText> {
  const files = await openFilesAt(path);
  try {
    if (files.length !== 1) throw new UserError(`--text: ${path} is a folder with ${files.length} files: name a file.`);
    const [{ name, size }] = files;
    const bytes = await files[0].slice(0, size);
    return await readText({ kind: "file", file: new Blob([bytes as Uint8Array<ArrayBuffer>]), name }, source);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
