/** The report on the screen, with its ways out: a printer, and a file that stands alone. */
import "./report.css";
import { useDeferredValue, useMemo, useRef } from "react";
import { createPortal } from "react-dom";
import { fileName } from "../../../../export/fileName.ts";
import { download } from "../../../../files/download.ts";
import { useExperiment, useWorkbench } from "../../../../state/workbench.ts";
import { useMeasured } from "../measured/useMeasured.ts";
import type { MixInView } from "../panel.ts";
import { pinnedOf } from "../pinned.ts";
import { useGround } from "../useGround.ts";
import { reportFile } from "./file.ts";
import { ReportSheet } from "./ReportSheet.tsx";
import style from "./report.css?inline";
import { reportOf } from "./reportOf.ts";

const now = (): string => `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;

export function ReportPanel(props: { mix: MixInView }) {
  const w = useWorkbench();
  // Nobody reads it while the slider moves.
  const mix = useDeferredValue(props.mix);
  const experiment = useExperiment((e) => e);
  const ground = useGround();
  const measured = useMeasured(mix, ground.key);
  const sheet = useRef<HTMLDivElement>(null);
  const report = useMemo(
    () => reportOf({ mix, measured, ground, pinned: pinnedOf(mix), link: w.linkOf(experiment), made: now() }),
    [mix, measured, ground, w, experiment],
  );
  if (!report) return <p className="m-0 text-muted text-xs">There is nothing to report before there is a mix.</p>;
  const save = () => {
    const title = `Mixed precision for ${report.source}`;
    download(reportFile(title, sheet.current!.innerHTML, style), `${fileName(report.source)}.mix.html`, "text/html");
  };
  return (
    <div className="relative flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <button type="button" className="btn" onClick={() => window.print()}>
          Print…
        </button>
        <button type="button" className="btn" onClick={save}>
          Save as HTML
        </button>
        <span className="text-muted text-xs">one file, readable without this page and without a network</span>
      </div>
      <section
        aria-label="Sheet of the report"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto rounded border border-line bg-white"
      >
        <div ref={sheet}>
          <ReportSheet report={report} />
        </div>
      </section>
      {createPortal(
        <div className="mix-print">
          <ReportSheet report={report} />
        </div>,
        document.body,
      )}
    </div>
  );
}
