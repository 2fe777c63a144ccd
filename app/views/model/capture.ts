/** What a capture in this view asks for. */
import { parseReference } from "../../../workers/capture/reference.ts";
import type { CaptureSpec } from "../../../workers/capture/run.ts";
import type { TextSpec } from "../../../workers/models/text/spec.ts";
import type { ModelInfo } from "./binding.ts";
import { digestOf } from "./text-choice.ts";
import { type HeldTexts, specOf } from "./texts.ts";

export interface CaptureChoice {
  windows: number;
  tokens: number;
  seed: number;
  /** The part of the text that comes with a model. */
  part: "judge" | "calibrate";
  /** Whether inputs are those under predecessors that A has quantized. */
  sequential: boolean;
  /** Whether queries, keys and values of the first window are kept as tensors. */
  attention: boolean;
}

export const usualChoice: CaptureChoice = {
  ...{ windows: 16, tokens: 512, seed: 1, part: "calibrate", sequential: false, attention: false },
};

/** The text and how it is captured; null where the text is not at hand. `rules`: those of A. */
export function capturesOf(
  choice: CaptureChoice,
  { bundled, positions }: Pick<ModelInfo, "bundled" | "positions">,
  held: HeldTexts,
  rules: string,
): { text: TextSpec; spec: Partial<CaptureSpec> } | null {
  const text = specOf({ kind: "bundled", part: choice.part }, held, bundled);
  const { windows, seed, sequential, attention } = choice;
  const tokens = Math.min(choice.tokens, positions ?? choice.tokens);
  const upstream = sequential && rules !== "" ? rules : null;
  return text && { text, spec: { windows, tokens, seed, sequential: upstream, attention } };
}

/** The text that a captured calibration's reference names, as a file where it does not come with the model; null where it is not at hand. */
export async function fileNamed(reference: string, held: HeldTexts): Promise<File | null> {
  const { text } = parseReference(reference);
  if (typeof text === "string") return null;
  const file = held.files.get(text.digest);
  if (file) return file;
  const pasted = held.pasted.get(text.digest);
  if (pasted !== undefined) return new File([pasted], text.name);
  for (const part of ["judge", "calibrate"] as const) {
    const own = specOf({ kind: "bundled", part }, held, false);
    if (own?.kind === "typed" && (await digestOf(new TextEncoder().encode(own.text))) === text.digest)
      return new File([own.text], text.name);
  }
  return null;
}
