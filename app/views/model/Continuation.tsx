/** What the model writes on from a prompt: as it is, under A and under B, with the first token that differs marked. */
import { useState } from "react";
import type { ContinueAnswer, ContinuePart, Writer, Continuation as Written } from "../../../workers/lm/request.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { lmStoreOf } from "./store.ts";
import { shownPiece } from "./tokens.ts";

const writers: readonly { writer: Writer; label: string; colour: string }[] = [
  { writer: "base", label: "as it is", colour: "text-muted" },
  { writer: "a", label: "A", colour: "text-a" },
  { writer: "b", label: "B", colour: "text-b" },
];

const ends: Record<Written["end"], string> = {
  length: "as many tokens as were asked for",
  stop: "the model ended the text",
  positions: "no more positions",
  broken: "logits that are not finite",
};

interface Props {
  prompt: string;
  /** Why nothing can be written; null where it can. */
  unable: string | null;
  /** Whether what is shown is of other recipes. */
  old: boolean;
  onPrompt: (prompt: string) => void;
  onWrite: (prompt: string) => void;
}

export function Continuation({ prompt, unable, old, onPrompt, onWrite }: Props) {
  const { continued, writing, writingProblem } = useStoreOf(lmStoreOf(useWorkbench()), (s) => s);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? prompt;
  const write = () => {
    onPrompt(text);
    setTyped(null);
    onWrite(text);
  };
  return (
    <div className="flex h-full min-h-0 flex-col gap-1.5">
      <div className="flex items-start gap-1.5">
        <textarea
          rows={2}
          aria-label="Prompt"
          className="field min-w-0 flex-1 resize-none py-1 font-mono text-xs pointer-coarse:text-base"
          spellCheck={false}
          value={text}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => {
            if (typed !== null) onPrompt(typed);
            setTyped(null);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            if (!unable && text.trim() !== "") write();
          }}
        />
        {writing ? (
          <button type="button" className="btn" onClick={() => writing.abort()}>
            <Icon name="stop" />
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="btn btn-main"
            disabled={unable !== null || text.trim() === ""}
            onClick={write}
          >
            Continue
          </button>
        )}
      </div>
      {unable && <p className="m-0 text-muted text-xs">{unable}</p>}
      {writingProblem && (
        <p role="alert" className="m-0 text-bad text-xs">
          {writingProblem}
        </p>
      )}
      {old && continued && <p className="m-0 text-warn text-xs">old: of other recipes or another prompt</p>}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Continuations"
        aria-busy={writing !== null}
        className={`min-h-0 flex-1 overflow-auto ${old ? "opacity-60" : ""}`}
      >
        {!continued ? (
          <p className="m-0 text-muted text-xs">The likeliest token is taken each time. Enter begins.</p>
        ) : (
          writers.map(({ writer, label, colour }) => (
            <One
              key={writer}
              label={label}
              colour={colour}
              writer={writer}
              parts={continued.parts}
              answer={continued.answer}
            />
          ))
        )}
        {continued?.answer?.notes.map((note) => (
          <p key={note} className="m-0 text-muted text-xs">
            {note}
          </p>
        ))}
      </section>
    </div>
  );
}

/** The place among the written tokens where a side first differs from the model as it is, as far as both have come. */
export function differsAt(parts: readonly ContinuePart[], writer: Writer): number | null {
  if (writer === "base") return null;
  const [base, own] = [parts.filter((p) => p.writer === "base"), parts.filter((p) => p.writer === writer)];
  const at = own.findIndex((part, i) => base[i] !== undefined && base[i].token !== part.token);
  return at < 0 ? null : at;
}

function One(props: {
  writer: Writer;
  label: string;
  colour: string;
  parts: readonly ContinuePart[];
  answer: ContinueAnswer | null;
}) {
  const { writer, label, colour, parts, answer } = props;
  const own = parts.filter((part) => part.writer === writer);
  const done = answer?.[writer] ?? null;
  const at = done ? done.differs : differsAt(parts, writer);
  if (own.length === 0 && !done) return null;
  return (
    <div className="border-grid border-b py-1" data-writer={writer}>
      <p className="m-0 text-xs">
        <span className={`font-semibold ${colour}`}>{label}</span>{" "}
        <span className="text-muted">
          {own.length} tokens{done ? `; ${ends[done.end]}` : " so far"}
          {writer === "base"
            ? ""
            : at === null
              ? "; the same as the model as it is"
              : `; first differs at token ${at + 1}`}
        </span>
      </p>
      <p className="m-0 whitespace-pre-wrap break-words font-mono text-xs leading-[17px]">
        {own.map((part, i) =>
          i === at ? (
            <mark
              key={i}
              className="rounded-sm bg-transparent text-ink outline-2 outline-mark"
              title="the first token that differs"
            >
              {shownPiece(part.piece)}
            </mark>
          ) : (
            <span key={i} className={at !== null && i > at ? "text-muted" : ""}>
              {part.piece}
            </span>
          ),
        )}
      </p>
    </div>
  );
}
