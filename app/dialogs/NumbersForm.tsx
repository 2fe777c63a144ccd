/** Numbers typed or pasted; sixteen to begin with, to be edited as cells on the bench. */
import { useState } from "react";
import { openNumbers } from "../files/files.ts";
import { FIRST_CELLS } from "../panels/cells/cells.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";

export function NumbersForm({ onDone }: { onDone: () => void }) {
  const workbench = useWorkbench();
  const before = useExperiment((e) => (e.source.kind === "text" ? e.source.text : ""));
  const [text, setText] = useState(before || FIRST_CELLS);
  return (
    <form
      className="flex min-h-0 flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === "") return;
        openNumbers(workbench, text);
        onDone();
      }}
    >
      <label className="flex min-h-0 flex-col gap-1">
        <span className="label">A Python list, CSV, or numbers with spaces between; a line is a row</span>
        <textarea
          data-first
          className="field h-60 resize-y py-1 font-mono"
          aria-label="Numbers"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p className="m-0 text-muted text-xs">Up to 4 rows of 8 are shown as cells that are edited in place.</p>
      <div className="flex justify-end gap-2">
        <button type="button" className="btn" onClick={() => setText(FIRST_CELLS)}>
          Sixteen cells
        </button>
        <button type="submit" className="btn btn-main" disabled={text.trim() === ""}>
          Use these numbers
        </button>
      </div>
    </form>
  );
}
