/** Rules for activations, or for the KV cache, as text. */
import { useCallback, useMemo } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import type { CompletionOption } from "../../../kernels/notation/index.ts";
import { RecipeText } from "../../controls/RecipeText.tsx";
import { useTextDraft } from "../../controls/useDraft.ts";
import { completeRules } from "./complete.ts";
import { mistakeOf } from "./rules.ts";

interface Props {
  id: string;
  label: string;
  name: string;
  /** Empty leaves all as it is. */
  text: string;
  list: "activations" | "cache";
  patterns: readonly CompletionOption[];
  /** May stand before a recipe. */
  words: readonly string[];
  definitions: readonly Definition[];
  definitionTexts: readonly string[];
  onCommit: (text: string) => void;
}

export function SideField(props: Props) {
  const { id, label, name, text, list, patterns, words, definitions, definitionTexts, onCommit } = props;
  const read = useCallback((typed: string) => mistakeOf(list, typed, definitionTexts), [list, definitionTexts]);
  const draft = useTextDraft(text, read, onCommit);
  const completer = useMemo(
    () => (typed: string, cursor: number) => completeRules(typed, cursor, patterns, definitions, words),
    [patterns, definitions, words],
  );
  return (
    <div className="flex min-w-0 flex-1 items-start gap-1.5 max-[1199px]:flex-wrap">
      <span aria-hidden="true" className="label mt-1.5 shrink-0 whitespace-nowrap">
        {label}
      </span>
      <RecipeText
        side="a"
        field={{ id, label: name, colour: "var(--ink)", placeholder: "as they are" }}
        draft={draft}
        definitions={definitions}
        completer={completer}
        problem={null}
        remedies={[]}
        onRemedy={onCommit}
        state={null}
      />
    </div>
  );
}
