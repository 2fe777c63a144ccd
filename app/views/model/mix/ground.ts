/** What runs of the model for the mix stand on: the text of the Model view, its windows, the device. */
import type { MeasureRequest } from "../../../../workers/sensitivity/request.ts";
import { type Asked, planRun } from "../run.ts";
import { nameOfText, parseText } from "../text-choice.ts";

export type Ground = Pick<
  MeasureRequest,
  "source" | "text" | "windows" | "definitions" | "calibration" | "device" | "budget"
>;

export type Grounded =
  /** Equal keys stand for equal runs; `words` say text and windows. */
  { ground: Ground; key: string; words: string; why: null } | { ground: null; key: null; words: null; why: string };

/** The ground of the model as it is, or why it cannot be run, in a sentence. */
export function groundOf(asked: Omit<Asked, "mistaken">): Grounded {
  const { state } = asked;
  const bare = { ...state, ...{ a: "", b: "", actA: "", actB: "", kvA: "", kvB: "" } };
  const { planned, why } = planRun({ ...asked, state: bare, mistaken: false });
  if (!planned) return { ...{ ground: null, key: null, words: null }, why: why ?? "No model is open that can be run." };
  const { a: _, b: __, ...ground } = planned.request;
  const choice = parseText(state.text);
  const { most, tokens, stride } = ground.windows;
  const apart = stride < tokens ? `, ${stride} apart` : "";
  const words = `${choice ? nameOfText(choice) : "text"}, ${most ?? "all"} windows of ${tokens} tokens${apart}`;
  return { ground, key: planned.key, words, why: null };
}
