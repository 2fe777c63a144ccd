/** The text of a recipe while it is being typed: what parses reaches the experiment after a moment, what does not stays here. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Definition } from "../../kernels/grammar/ast.ts";
import type { Side } from "../charts/types.ts";
import { begin } from "../state/busy.ts";
import { withRecipe } from "../state/experiment.ts";
import { awaitsNames, useArrivals } from "../state/vocabulary.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";
import { type Mistake, parse } from "./parsed.ts";

const COMMIT_AFTER_MS = 250;

export interface Draft {
  text: string;
  mistake: Mistake | null;
  type(text: string): void;
  /** Commits at once what is there. */
  flush(): void;
  /** Forgets what was typed since the last recipe that could be read. */
  revert(): void;
}

/** The draft of one of the Bench's recipes. */
export function useDraft(side: Side, definitions: readonly Definition[]): Draft {
  const { timeline, runs } = useWorkbench();
  const committed = useExperiment((e) => e[side]);
  const commit = useCallback(
    (text: string) => timeline.change((e) => withRecipe(e, side, text), { merge: `recipe ${side}` }),
    [side, timeline],
  );
  const read = useCallback((text: string) => parse(text, definitions).mistake, [definitions]);
  const draft = useTextDraft(committed, read, commit);
  const invalid = draft.mistake !== null;
  useEffect(() => runs.setDraft(side, invalid), [runs, side, invalid]);
  return draft;
}

/**
 * The draft of any text of the experiment.
 * @param read what is wrong with a text, or null
 * @param commit hands on a text that reads well
 */
export function useTextDraft(
  committed: string,
  read: (text: string) => Mistake | null,
  commit: (text: string) => void,
): Draft {
  const [typed, setTyped] = useState<string | null>(null);
  /** What is to be committed; without a timer it waits for the notation's names. */
  const pending = useRef<{ text: string; timer: ReturnType<typeof setTimeout> | null; end: () => void } | null>(null);
  const own = useRef(committed);

  const drop = useCallback(() => {
    if (!pending.current) return null;
    const { text, timer, end } = pending.current;
    if (timer) clearTimeout(timer);
    pending.current = null;
    return { text, end };
  }, []);

  const flush = useCallback(() => {
    if (pending.current?.timer === null) return;
    const waiting = drop();
    if (!waiting) return;
    own.current = waiting.text;
    commit(waiting.text);
    waiting.end();
  }, [drop, commit]);

  // Undo, controls and links change the recipe under the field: then what was typed is out of date.
  useEffect(() => {
    if (committed === own.current) return;
    own.current = committed;
    drop()?.end();
    setTyped(null);
  }, [committed, drop]);
  useEffect(() => () => drop()?.end(), [drop]);

  const text = typed ?? committed;
  // A text that cannot be read yet has no mistake that anyone should see, or that Escape should give up.
  const mistake = awaitsNames(text) ? null : read(text);
  const type = (next: string) => {
    drop()?.end();
    setTyped(next);
    const value = next.trim();
    if (value === committed) return;
    if (awaitsNames(value)) {
      pending.current = { text: value, timer: null, end: begin() };
      return;
    }
    if (read(value)) return;
    pending.current = { text: value, timer: setTimeout(flush, COMMIT_AFTER_MS), end: begin() };
  };

  // What could not be read may be read now that its step has come.
  const steps = useArrivals();
  const readWith = useRef(steps);
  useEffect(() => {
    if (readWith.current === steps) return;
    readWith.current = steps;
    if (typed !== null) type(typed);
  });

  return {
    text,
    mistake,
    type,
    flush,
    revert() {
      drop()?.end();
      setTyped(null);
    },
  };
}
