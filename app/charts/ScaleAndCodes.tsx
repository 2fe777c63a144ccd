/** What is stored: scales and codes; and what that costs: sizes of errors and the blocks they come from. */
import { CodeUse } from "./CodeUse.tsx";
import { ErrorConcentration } from "./ErrorConcentration.tsx";
import { ErrorHistogram } from "./ErrorHistogram.tsx";
import { ScaleHistogram } from "./ScaleHistogram.tsx";
import type { ScaleAndCodesProps } from "./types.ts";

/** Four small charts, two by two where there is room, else one under the other. */
export function ScaleAndCodes({
  a,
  b,
  stale,
  onHighlight,
  highlightCode,
  highlightScales,
  highlightError,
}: ScaleAndCodesProps) {
  const reports = { a, b, stale };
  return (
    <div className="@container h-full min-h-0 overflow-y-auto">
      <div className="grid h-full min-h-0 grid-cols-1 gap-x-4 gap-y-2 @md:grid-cols-2 @md:grid-rows-2">
        <ScaleHistogram {...reports} highlightScales={highlightScales} />
        <CodeUse {...reports} highlightCode={highlightCode} />
        <ErrorHistogram {...reports} highlightError={highlightError} />
        <ErrorConcentration {...reports} onHighlight={onHighlight} />
      </div>
    </div>
  );
}
