/** Codebooks with a name, which recipes may use like a format and which travel with the link. */
import { useState } from "react";
import { readDefinitions } from "../controls/definitions.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";

export function DefinitionsForm({ onDone }: { onDone: () => void }) {
  const { timeline } = useWorkbench();
  const before = useExperiment((e) => e.definitions);
  const [text, setText] = useState(before.join("\n"));
  const lines = text.split("\n").map((line) => line.trim());
  const texts = lines.filter((line) => line !== "");
  const { problems } = readDefinitions(texts);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (problems.length > 0) return;
        timeline.change((e) => ({ ...e, definitions: texts }));
        onDone();
      }}
    >
      <label className="flex flex-col gap-1">
        <span className="label">One a line, as my4:=codebook(-1,-0.35,0,0.35,1); then write my4/64:f16</span>
        <textarea
          data-first
          className="field h-40 resize-y py-1 font-mono"
          aria-label="Definitions"
          aria-invalid={problems.length > 0}
          spellCheck={false}
          placeholder="my4:=codebook(-1,-0.35,0,0.35,1)"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {problems.length > 0 && (
        <ul role="alert" className="m-0 list-none p-0 text-bad text-xs">
          {problems.map((p) => (
            <li key={p.text}>
              Line {lines.indexOf(p.text) + 1}: {p.message}
            </li>
          ))}
        </ul>
      )}
      <button type="submit" className="btn btn-main self-end" disabled={problems.length > 0}>
        Use these
      </button>
    </form>
  );
}
