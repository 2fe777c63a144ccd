/** A recipe in other words, to be copied: the command line, a NumPy program, other tools' configurations. */
import { useMemo, useRef, useState } from "react";
import type { Side } from "../charts/types.ts";
import { codeTexts } from "../export/codeTexts.ts";
import { useView } from "../page/view.ts";
import { useExperiment } from "../state/workbench.ts";
import { copyText } from "./copyText.ts";
import { takeFocus } from "./focus.ts";

/** Lines of a text that are shown at least, and at most without scrolling. */
const FEW_LINES = 4;
const MOST_LINES = 20;

export function CodePanel() {
  const experiment = useExperiment((e) => e);
  const { files } = useView();
  const [side, setSide] = useState<Side>("a");
  const [chosen, setChosen] = useState("command");
  const [copied, setCopied] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const texts = useMemo(
    () => codeTexts(experiment, experiment.tensor, side, files?.command?.(experiment)),
    [experiment, side, files],
  );
  const { label, text, notes } = texts.find(({ id }) => id === chosen) ?? texts[0];
  const lines = text?.split("\n").length ?? 0;
  const [failed, setFailed] = useState(false);
  const copy = async () => {
    if (text === null) return;
    const done = await copyText(text, `${label} copied.`);
    setFailed(!done);
    setCopied(done ? text : null);
    if (!done) field.current?.select();
  };
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <label className="flex min-w-0 flex-1 flex-col">
          <span className="label">Recipe</span>
          <select
            ref={takeFocus}
            className="field font-mono"
            aria-label="Recipe"
            value={side}
            onChange={(event) => setSide(event.currentTarget.value as Side)}
          >
            {(["a", "b"] as const).map((s) => (
              <option key={s} value={s}>
                {s.toUpperCase()} {experiment[s]}
              </option>
            ))}
          </select>
        </label>
        <label className="flex min-w-40 flex-col">
          <span className="label">As</span>
          <select
            className="field"
            aria-label="As"
            value={chosen}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {texts.map((t) => (
              <option key={t.id} value={t.id}>
                {t.label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {text !== null && (
        <textarea
          ref={field}
          readOnly
          className={`field shrink resize-y py-1 font-mono text-xs ${lines > FEW_LINES ? "whitespace-pre" : "break-all"}`}
          rows={Math.min(MOST_LINES, Math.max(FEW_LINES, lines))}
          aria-label={label}
          value={text}
          spellCheck={false}
        />
      )}
      {notes.length > 0 && (
        <ul className="m-0 list-disc pl-5 text-muted" aria-label="Notes">
          {notes.map((note) => (
            <li key={note} className="break-words">
              {note}
            </li>
          ))}
        </ul>
      )}
      {failed && (
        <p role="alert" className="m-0 text-bad">
          The browser does not let this page use the clipboard. The text is selected: copy it with the keyboard.
        </p>
      )}
      <button type="button" className="btn btn-main self-end" onClick={copy} disabled={text === null}>
        {copied === text && text !== null ? "Copied" : "Copy"}
      </button>
    </>
  );
}
