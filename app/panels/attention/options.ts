/** What stands beside A and B in attention: recipes of the other parts, and how many heads there are. */
import { choice, count, flag, text } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";

export interface AttentionOptions {
  /** Recipes; empty leaves a part as it is. That of the shown tensor's part waits while A and B stand in its place. */
  queries: string;
  keys: string;
  values: string;
  probabilities: string;
  /** 0: as many as the model says. */
  heads: number;
  /** Whether a token sees those before it and itself alone. */
  causal: boolean;
  /** What is drawn by head. */
  figure: "output" | "kl" | "entropy";
}

const none = { queries: "", keys: "", values: "", probabilities: "" };

export const attentionPart = createPart<AttentionOptions>(
  "attention",
  { ...none, heads: 0, causal: true, figure: "output" },
  { heads: "source" },
  {
    rewritten: (state, rewrite) =>
      Object.fromEntries(
        (Object.keys(none) as (keyof typeof none)[])
          .filter((role) => state[role] !== "")
          .map((role) => [role, rewrite(`the recipe of ${role}`, state[role])]),
      ),
  },
);

export const attentionLink: LinkPart<AttentionOptions> = {
  part: attentionPart,
  what: "attention",
  fields: {
    queries: text("aq", "the recipe of queries"),
    keys: text("ak", "the recipe of keys"),
    values: text("av", "the recipe of values"),
    probabilities: text("ap", "the recipe of probabilities"),
    heads: count("ah", "the heads", 4096),
    causal: flag("ac", "which keys a token sees"),
    figure: choice("af", "what is drawn by head", ["output", "kl", "entropy"]),
  },
};
