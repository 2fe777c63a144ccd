/** Small charts of what is stored: the use of codes, the scales, the zero points. */
import type { StoredFigures } from "../../../workers/layouts/stored-figures.ts";
import { formatCount } from "../../charts/numbers.ts";
import type { Stale, Subject } from "../../charts/types.ts";
import { CodeUse } from "../codes/CodeUse.tsx";
import { ScaleHistogram } from "../codes/ScaleHistogram.tsx";

const codes: Subject = { chart: "stored-codes", title: "Stored codes", a: "Codes:" };
const scales: Subject = { chart: "stored-scales", title: "Scales in force", a: "Scales from" };
const zeros: Subject = { chart: "stored-zeros", title: "Stored zero points", a: "Zero points:" };

const COMING: Stale = {
  badge: "old: new one on its way",
  words: "These are of the weight before; the new ones are on their way.",
  coming: true,
};

interface Props {
  figures: StoredFigures;
  elements: number;
  stale: boolean;
}

export function StoredCharts({ figures, elements, stale: old }: Props) {
  const stale = old ? COMING : null;
  const part =
    figures.sampled < elements ? `${formatCount(figures.sampled)} of ${formatCount(elements)} weights` : "all weights";
  return (
    <div className="flex flex-col gap-3">
      <div className="h-44">
        <CodeUse
          a={{ codes: figures.codes, metrics: { codeEntropy: figures.codeEntropy } }}
          b={null}
          stale={stale}
          subject={codes}
        />
      </div>
      <div className="h-44">
        <ScaleHistogram a={{ scales: [figures.scales] }} b={null} stale={stale} subject={scales} />
      </div>
      {figures.zeros && (
        <div className="h-44">
          <CodeUse
            a={{ codes: figures.zeros, metrics: { codeEntropy: entropyOf(figures.zeros.counts) } }}
            b={null}
            stale={stale}
            subject={zeros}
          />
        </div>
      )}
      <p className="m-0 text-muted">Figures and charts are of {part}.</p>
    </div>
  );
}

/** Bits. */
function entropyOf(counts: Uint32Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return counts.reduce((sum, n) => (n === 0 ? sum : sum - (n / total) * Math.log2(n / total)), 0);
}
