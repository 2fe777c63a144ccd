/** Texts of one export: what they do not say first, then each with a way to copy and to save it. */
import { printable } from "../../../../../kernels/text/printable.ts";
import { copyText } from "../../../../dialogs/copyText.ts";
import { download } from "../../../../files/download.ts";
import { notify } from "../../../../state/notices.ts";
import { Icon } from "../../../../widgets/icons.tsx";
import type { ToolExport } from "./texts.ts";

/** Longer texts are saved, and not looked at line by line. */
const SHOWN = 20_000;

export function TextExport({ of }: { of: ToolExport }) {
  const copy = async (text: string, title: string) => {
    if (!(await copyText(text, `${title} copied.`))) notify("The browser did not allow copying.", "error");
  };
  return (
    <div className="flex flex-col gap-1.5">
      {of.refused !== null && (
        <p role="alert" className="m-0 flex gap-2 text-bad">
          <Icon name="warning" className="mt-0.5 shrink-0" />
          {printable(of.refused)}
        </p>
      )}
      {of.limits.length > 0 && (
        <ul aria-label="What the export does not say" className="m-0 max-h-28 list-disc overflow-y-auto pl-5 text-warn">
          {of.limits.map((limit) => (
            <li key={limit}>{printable(limit)}</li>
          ))}
        </ul>
      )}
      {of.texts.map(({ file, title, text }) => (
        <section key={title} aria-label={title} className="flex flex-col gap-1">
          <div className="flex flex-wrap items-center gap-2">
            <h4 className="m-0 mr-auto font-semibold">
              {title}
              {file !== null && <span className="ml-1 font-mono font-normal text-muted">{file}</span>}
            </h4>
            <button type="button" className="btn" onClick={() => void copy(text, title)}>
              Copy
            </button>
            {file !== null && (
              <button type="button" className="btn" onClick={() => download(text, file, "text/plain")}>
                <Icon name="download" />
                Save
              </button>
            )}
          </div>
          <textarea
            readOnly
            aria-label={`Text of ${title}`}
            className="field h-32 w-full resize-y whitespace-pre-wrap break-all font-mono text-xs"
            spellCheck={false}
            value={
              text.length > SHOWN
                ? `${text.slice(0, SHOWN)}\n… ${text.length.toLocaleString("en")} characters in all`
                : text
            }
          />
        </section>
      ))}
    </div>
  );
}
