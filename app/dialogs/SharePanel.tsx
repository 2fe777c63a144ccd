/** The link, what is not in it, and the experiment as a file for that. */
import { useMemo, useRef, useState } from "react";
import { experimentFile } from "../export/exports.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { copyText } from "./copyText.ts";

/** Files that are named. */
const NAMED = 8;

export function SharePanel() {
  const workbench = useWorkbench();
  const experiment = useExperiment((e) => e);
  const { href, omitted } = useMemo(() => workbench.linkOf(experiment), [workbench, experiment]);
  const field = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = async () => {
    const done = await copyText(href, "Link copied.");
    setCopied(done);
    if (!done) field.current?.select();
  };
  const sources = [experiment.source, ...experiment.others.map((other) => other.source)];
  const files = sources.flatMap((source) => (source.kind === "files" ? source.fingerprints : []));
  const query = experiment.source.kind === "url" ? new URL(experiment.source.url).search.slice(0, 24) : "";
  return (
    <>
      <textarea
        ref={field}
        readOnly
        className="field h-24 resize-none break-all py-1 font-mono text-xs"
        aria-label="Link"
        value={href}
        onFocus={(event) => event.currentTarget.select()}
      />
      {files.length > 0 && (
        <p className="m-0 text-muted">
          {files.length === 1 ? "The file stays" : "The files stay"} with you: whoever opens the link is asked for{" "}
          {files
            .slice(0, NAMED)
            .map((f) => f.name)
            .join(", ")}
          {files.length > NAMED && ` and ${(files.length - NAMED).toLocaleString("en")} more`}.
        </p>
      )}
      {query && (
        <p role="alert" className="m-0 flex gap-2">
          <Icon name="warning" className="mt-0.5 text-warn" />
          <span>The address in it has a query ({query}): if it holds a key, whoever has the link has the key.</span>
        </p>
      )}
      {omitted.length > 0 && (
        <p role="alert" className="m-0 flex gap-2">
          <Icon name="warning" className="mt-0.5 text-warn" />
          <span>
            Too long for a link, and left out: {omitted.join(", ")}. The experiment's file holds all of it; it is opened
            by dropping it on the page.
          </span>
        </p>
      )}
      {copied === false && (
        <p role="alert" className="m-0 text-bad">
          The browser does not let this page use the clipboard. The link is selected: copy it with the keyboard.
        </p>
      )}
      <div className="flex justify-end gap-2">
        <button type="button" className="btn" onClick={() => experimentFile(workbench)}>
          Save as a file
        </button>
        <button data-first type="button" className="btn btn-main" onClick={copy}>
          {copied ? "Copied" : "Copy link"}
        </button>
      </div>
    </>
  );
}
