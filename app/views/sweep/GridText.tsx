/** The grid as text, in the notation of sweeps. What reads well reaches the experiment after a moment. */
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Definition } from "../../../kernels/grammar/ast.ts";
import type { Mistake } from "../../controls/parsed.ts";
import { begin } from "../../state/busy.ts";
import { readGrid } from "./plan.ts";

const COMMIT_AFTER_MS = 300;
/** Characters of the text shown on each side of a mistake. */
const AROUND = 18;

interface Props {
  value: string;
  definitions: readonly Definition[];
  /** What is wrong with the grid as it stands, though it can be read. */
  problem: string | null;
  onChange: (grid: string) => void;
  onRun: () => void;
  /** Whether what is in the field cannot be read. */
  onDraft: (unread: boolean) => void;
}

/** A list pasted one recipe a line is a list; the notation has no white space. */
const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/\s*[\r\n]+\s*/g, ";")
    .replace(/;{2,}/g, ";");

export function GridText({ value, definitions, problem, onChange, onRun, onDraft }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; end: () => void; text: string } | null>(null);
  const own = useRef(value);
  const id = useId();

  const drop = useCallback(() => {
    const waiting = pending.current;
    if (waiting) clearTimeout(waiting.timer);
    pending.current = null;
    return waiting;
  }, []);
  const flush = useCallback(() => {
    const waiting = drop();
    if (!waiting) return;
    own.current = waiting.text;
    onChange(waiting.text);
    waiting.end();
  }, [drop, onChange]);
  // Undo, the lists below and links change the grid under the field: then what was typed is out of date.
  useEffect(() => {
    if (value === own.current) return;
    own.current = value;
    drop()?.end();
    setTyped(null);
  }, [value, drop]);
  useEffect(() => () => drop()?.end(), [drop]);

  const text = typed ?? value;
  const { mistake } = useMemo(() => readGrid(text, definitions), [text, definitions]);
  const shown: Mistake | null = mistake ?? (problem === null ? null : { message: problem, column: null });
  const unread = mistake !== null;
  useEffect(() => onDraft(unread), [onDraft, unread]);

  const type = (next: string) => {
    drop()?.end();
    const clean = /[\r\n]/.test(next) ? oneLine(next) : next;
    setTyped(clean);
    if (clean === value || readGrid(clean, definitions).mistake) return;
    pending.current = { text: clean, timer: setTimeout(flush, COMMIT_AFTER_MS), end: begin() };
  };
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        Grid
      </label>
      <textarea
        id={id}
        rows={4}
        className="field block w-full resize-y break-all py-1 font-mono text-xs leading-[1.45] pointer-coarse:text-base"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        aria-invalid={unread}
        aria-describedby={`${id}-message`}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={flush}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            flush();
            if (!unread) onRun();
          } else if (event.key === "Escape" && unread) {
            event.preventDefault();
            drop()?.end();
            setTyped(null);
          }
        }}
      />
      <div id={`${id}-message`} className="mt-1 min-h-4 text-xs">
        {shown ? <Problem text={text} mistake={shown} /> : <Hint />}
      </div>
    </div>
  );
}

const Hint = () => (
  <span className="text-muted">
    Sets in brackets, one a part: <code className="font-mono">(int4,nf4)/(32,64):f16</code>. Several are separated by{" "}
    <code className="font-mono">;</code>
  </span>
);

function Problem({ text, mistake: { message, column } }: { text: string; mistake: Mistake }) {
  const at = column === null ? 0 : column - 1;
  const from = Math.max(0, at - AROUND);
  const piece = text.slice(from, at + AROUND);
  return (
    <div role="alert" className="text-bad">
      {column === null ? `${message[0].toUpperCase()}${message.slice(1)}.` : `Column ${column}: ${message}`}
      {column !== null && text !== "" && (
        <pre aria-hidden="true" className="m-0 mt-0.5 overflow-hidden font-mono text-[11px] text-muted leading-[13px]">
          {`${from > 0 ? "…" : ""}${piece}${at + AROUND < text.length ? "…" : ""}\n${" ".repeat(at - from + (from > 0 ? 1 : 0))}`}
          <span className="text-bad">^</span>
        </pre>
      )}
    </div>
  );
}
