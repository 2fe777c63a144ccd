/** How a captured calibration is named where it is not at hand: how to capture it again, and the digest of what was captured. */
import { UserError } from "../errors/user-error.ts";

/** A text: a part of what comes with the model, or a file by the beginning of its SHA-256. */
export type TextName = "judge" | "calibrate" | { name: string; size: number; digest: string };

export interface CaptureReference {
  windows: number;
  tokens: number;
  seed: number;
  /** Rows kept of each input. */
  keep: number;
  gradients: boolean;
  /** Whether queries, keys and values of the first window are kept. */
  attention: boolean;
  text: TextName;
  /** Of the model's files: the beginning of a SHA-256. */
  model: string;
  /** Of what was captured; and the sum of squares of all inputs, which a capture on another machine is compared by. */
  digest: string;
  energy: number;
  only: string | null;
  sequential: string | null;
}

/** Captures of the same text on two machines are the same where these sums are as near as this: what float32 sums in other orders differ by. */
export const CAPTURE_TOLERANCE = 1e-4;

/** `16x512,seed=1,keep=512,text=calibrate,model=1f..,digest=a0..,squares=1.25e6`; the texts of others come last, and escaped. */
export function printReference(one: CaptureReference): string {
  const { text } = one;
  const named = typeof text === "string" ? text : `${text.digest}:${text.size}:${encodeURIComponent(text.name)}`;
  return [
    ...[`${one.windows}x${one.tokens}`, `seed=${one.seed}`, `keep=${one.keep}`, `text=${named}`, `model=${one.model}`],
    ...[`digest=${one.digest}`, `squares=${one.energy}`],
    ...(one.gradients ? ["gradients=1"] : []),
    ...(one.attention ? ["attention=1"] : []),
    ...(one.only === null ? [] : [`only=${encodeURIComponent(one.only)}`]),
    ...(one.sequential === null ? [] : [`sequential=${encodeURIComponent(one.sequential)}`]),
  ].join(",");
}

/** Reads it again. Throws UserError. */
export function parseReference(text: string): CaptureReference {
  const [size, ...pairs] = text.split(",");
  const given = new Map(pairs.map((pair): [string, string] => [pair.split("=", 1)[0], pair.replace(/^[^=]*=?/, "")]));
  const [, windows, tokens] = /^(\d{1,9})x(\d{1,9})$/.exec(size) ?? [];
  const whole = (key: string) => (/^\d{1,10}$/.test(given.get(key) ?? "") ? Number(given.get(key)) : Number.NaN);
  const hex = (key: string) => (/^[0-9a-f]{8,64}$/.test(given.get(key) ?? "") ? given.get(key)! : null);
  const named = textNamed(given.get("text") ?? "");
  const [model, digest, seed, keep, energy] = [
    ...([hex("model"), hex("digest")] as const),
    ...[whole("seed"), whole("keep"), Number(given.get("squares") ?? "")],
  ] as [string | null, string | null, number, number, number];
  const numbers = [Number(windows), Number(tokens), seed, keep, energy];
  if (!named || model === null || digest === null || !numbers.every((value) => value >= 0 && value < Infinity)) {
    throw new UserError("What the link says of a captured calibration makes no sense.");
  }
  const words = (key: string) => (given.has(key) ? unescaped(given.get(key)!) : null);
  return {
    ...{ windows: Number(windows), tokens: Number(tokens), seed, keep, gradients: given.has("gradients") },
    attention: given.has("attention"),
    ...{ text: named, model, digest, energy, only: words("only"), sequential: words("sequential") },
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function textNamed(text: string): TextName | null {
  if (text === "judge" || text === "calibrate") return text;
  const [, digest, size, name] = /^([0-9a-f]{8,64}):(\d{1,12}):(.*)$/.exec(text) ?? [];
  return digest === undefined ? null : { digest, size: Number(size), name: unescaped(name) };
}

/** What is said where a capture is another than the one that was named; null where it is the same. */
export function anotherDigest(
  named: Pick<CaptureReference, "digest" | "energy">,
  digest: string,
  energy: number,
): string | null {
  if (named.digest === digest) return null;
  const apart = Math.abs(energy - named.energy) / Math.max(named.energy, Number.MIN_VALUE);
  const short = (text: string) => text.slice(0, 12);
  const both = `What was captured here has the digest ${short(digest)}, and the link names ${short(named.digest)}`;
  return apart <= CAPTURE_TOLERANCE
    ? `${both}: sums of floats differ between machines. The squares of all inputs add up to the same within ${apart.toExponential(0)}, and figures agree to about ${CAPTURE_TOLERANCE}.`
    : `${both}. The squares of all inputs differ by ${(100 * apart).toPrecision(2)} %: it is not the same text, model or recipe.`;
}
