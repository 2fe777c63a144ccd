/** A recipe as text: completion while typing, the mistake under its column. */
import { type ReactNode, useId, useMemo, useRef, useState } from "react";
import type { Definition } from "../../kernels/grammar/ast.ts";
import type { Remedy } from "../../kernels/grammar/errors.ts";
import { type Completion, complete } from "../../kernels/notation/index.ts";
import type { Side } from "../charts/types.ts";
import { useArrivals } from "../state/vocabulary.ts";
import type { Draft } from "./useDraft.ts";

interface Props {
  side: Side;
  /** Where it is not a recipe of the Bench. */
  field?: { id: string; label: string; colour: string; placeholder?: string };
  draft: Draft;
  definitions: readonly Definition[];
  /** What may stand at the cursor, where the text is more than a recipe; the same function for the same choices. */
  completer?: (text: string, cursor: number) => Completion;
  /** Why the recipe has no result, where it reads well but does not suit the tensor. */
  problem: string | null;
  /** What that names as ways out; those of a mistake come with it. */
  remedies: readonly Remedy[];
  /** Puts a recipe in place of what stands here. */
  onRemedy: (recipe: string) => void;
  /** Asks for the result once more, where that may help. */
  onAgain?: (() => void) | null;
  /** Stands where the mistake would. */
  state: ReactNode;
}

const MOST_OPTIONS = 60;

export function RecipeText(props: Props) {
  const { side, field, draft, definitions, completer, problem, remedies, onRemedy, onAgain, state } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const { text, mistake } = draft;

  const steps = useArrivals();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what completes a text is asked for again when steps come.
  const completion: Completion | null = useMemo(
    () => (cursor === null ? null : (completer?.(text, cursor) ?? complete(text, cursor, definitions))),
    [text, cursor, definitions, completer, steps],
  );
  const options = completion?.options.slice(0, MOST_OPTIONS) ?? [];
  const open = options.length > 0 || Boolean(completion?.hint);
  const message = mistake ? mistake.message : problem;
  const ways = mistake ? (mistake.remedies ?? []) : problem ? remedies : [];
  const label = field?.label ?? `Recipe ${side.toUpperCase()}`;
  const mend = (recipe: string) => {
    draft.revert();
    // What is typed next goes on from there.
    if (mistake) {
      draft.type(recipe);
      draft.flush();
    } else onRemedy(recipe);
    close();
    input.current?.focus();
  };

  const close = () => {
    setCursor(null);
    setActive(-1);
  };
  const take = (index: number) => {
    const option = options[index];
    if (!completion || !option) return;
    const next = text.slice(0, completion.from) + option.text + text.slice(completion.to);
    const at = completion.from + option.text.length;
    draft.type(next);
    setActive(-1);
    setCursor(at);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const move = (by: number) => {
    const next = Math.min(options.length - 1, Math.max(-1, active + by));
    setActive(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      setCursor(event.currentTarget.selectionStart);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) move(event.key === "ArrowDown" ? 1 : -1);
      else setCursor(event.currentTarget.selectionStart);
    } else if ((event.key === "Enter" || event.key === "Tab") && open && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Enter") {
      draft.flush();
      close();
    } else if (event.key === "Escape" && (open || mistake)) {
      // The first Escape closes the list, the second gives up a text that cannot be read; then it is the page's.
      event.preventDefault();
      if (!open) draft.revert();
      close();
    }
  };

  return (
    <div className="relative min-w-0 flex-1 max-[1199px]:order-last max-[1199px]:basis-full">
      <input
        ref={input}
        id={field?.id ?? `recipe-${side}`}
        role="combobox"
        aria-label={label}
        placeholder={field?.placeholder}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={mistake !== null}
        aria-describedby={message ? `${id}-message` : undefined}
        className="field w-full font-mono"
        style={{ color: field?.colour ?? `var(--${side})` }}
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        onChange={(event) => {
          draft.type(event.currentTarget.value);
          setActive(-1);
          setCursor(event.currentTarget.selectionStart);
        }}
        onKeyDown={onKeyDown}
        onClick={(event) => open && setCursor(event.currentTarget.selectionStart)}
        onBlur={() => {
          draft.flush();
          close();
        }}
      />
      {open && (
        <div className="popup absolute top-full right-0 left-0 z-30 mt-1 overflow-visible min-[860px]:right-auto min-[860px]:w-[max(100%,26rem)]">
          {completion?.hint && <p className="m-0 px-2 py-1 text-muted text-xs">{completion.hint}</p>}
          <div
            id={`${id}-list`}
            role="listbox"
            aria-label={`Completions for ${label}`}
            className="max-h-60 overflow-y-auto"
          >
            {options.map((option, i) => (
              <div
                key={`${option.kind} ${option.text}`}
                id={`${id}-${i}`}
                role="option"
                tabIndex={-1}
                aria-selected={i === active}
                className="menu-item"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(i)}
                onKeyDown={() => {}}
              >
                <code className="font-mono">{option.text}</code>
                <span className="ml-auto truncate text-muted text-xs">{option.describe}</span>
              </div>
            ))}
          </div>
        </div>
      )}
      {/* The place of one line: a longer message lies over the controls, so that nothing moves when it comes or goes. */}
      <div className="relative mt-0.5 h-[18px] text-xs leading-[18px]">
        {message ? (
          // On a phone buttons are as high as what stands below: it is covered whole rather than by half.
          <div
            className={`absolute top-0 left-0 z-20 flex w-max max-w-[calc(100%+120px)] max-[1199px]:max-w-full items-start gap-2 rounded-b bg-panel pb-0.5 text-bad ${ways.length > 0 ? "max-[859px]:min-h-[68px] max-[859px]:w-full" : ""}`}
          >
            <div id={`${id}-message`} role="alert" className="relative min-w-0">
              {mistake?.column != null && (
                <span
                  aria-hidden="true"
                  className="absolute -top-1.5 font-mono text-[13px] leading-3"
                  style={{ left: `calc(7px + ${mistake.column - 1}ch)` }}
                >
                  ^
                </span>
              )}
              {mistake?.column != null ? `Column ${mistake.column}: ` : ""}
              {message}
            </div>
            {ways.map(({ label, recipe }) => (
              <button
                key={recipe}
                type="button"
                className="btn min-h-[18px] shrink-0 px-1.5 py-0 text-xs leading-4 pointer-coarse:min-h-11"
                title={recipe}
                onClick={() => mend(recipe)}
              >
                {label}
              </button>
            ))}
            {!mistake && onAgain && (
              <button
                type="button"
                className="btn min-h-[18px] shrink-0 px-1.5 py-0 text-xs leading-4 pointer-coarse:min-h-11"
                onClick={onAgain}
              >
                Try again
              </button>
            )}
          </div>
        ) : (
          state
        )}
      </div>
    </div>
  );
}
