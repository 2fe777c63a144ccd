/** What is stored: scales and codes; and what that costs: sizes of errors and the blocks they come from. */
import { Suspense, useState } from "react";
import { Choice } from "../../charts/Controls.tsx";
import type { Highlight, OnHighlight, Pair, ReportPair } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";
import { CodeUse } from "./CodeUse.tsx";
import { ScaleHistogram } from "./ScaleHistogram.tsx";

// A pane of usual height shows the other two first.
const ErrorHistogram = lazyPart(async () => (await import("./ErrorHistogram.tsx")).ErrorHistogram);
const ErrorConcentration = lazyPart(async () => (await import("./ErrorConcentration.tsx")).ErrorConcentration);

/** Least width for two charts side by side, and least height for two rows of them, in CSS pixels. */
const WIDE = 400;
const TALL = 440;

export interface ScaleAndCodesProps extends ReportPair {
  highlight: Highlight | null;
  onHighlight: OnHighlight;
  /** Codes of the highlighted element. */
  highlightCode?: Pair<number>;
  /** Stored scales of the highlighted element, innermost first. */
  highlightScales?: Pair<number[]>;
  /** Error of the highlighted element. */
  highlightError?: Pair<number>;
}

/**
 * Four small charts: two by two where there is room, one pair at a time in a low pane, one under the other in a narrow
 * one.
 */
export function ScaleAndCodes(props: ScaleAndCodesProps) {
  const { a, b, stale, onHighlight, highlightCode, highlightScales, highlightError } = props;
  const [ref, { width, height }] = useSize({ width: 560, height: 320 });
  const [pair, setPair] = useState<"stored" | "errors">("stored");
  const reports = { a, b, stale };
  const narrow = width < WIDE;
  const paired = !narrow && height < TALL;
  const stored = (
    <>
      <ScaleHistogram {...reports} highlightScales={highlightScales} />
      <CodeUse {...reports} highlightCode={highlightCode} />
    </>
  );
  const errors = (
    <>
      <Suspense fallback={<span />}>
        <ErrorHistogram {...reports} highlightError={highlightError} />
      </Suspense>
      <Suspense fallback={<span />}>
        <ErrorConcentration {...reports} onHighlight={onHighlight} />
      </Suspense>
    </>
  );
  return (
    <div ref={ref} className="relative flex h-full min-h-0 flex-col gap-1 overflow-y-auto">
      {paired && (
        <Choice
          label="Charts shown"
          value={pair}
          options={[
            { value: "stored", label: "scales and codes" },
            { value: "errors", label: "errors" },
          ]}
          onChange={setPair}
        />
      )}
      <div
        className={`grid min-h-0 flex-1 gap-x-4 gap-y-3 ${narrow ? "grid-cols-1 auto-rows-[minmax(200px,1fr)]" : "grid-cols-2"} ${paired || narrow ? "" : "auto-rows-fr"}`}
      >
        {(!paired || pair === "stored") && stored}
        {(!paired || pair === "errors") && errors}
      </div>
    </div>
  );
}
