/** The distribution of a tensor in 24 bars, on a square-root scale so that tails can be seen. */
import type { TensorSummary } from "../../workers/tensors/summary.ts";

const WIDTH = 48;
const HEIGHT = 14;
/** It gives way to the name, down to half its width. */
const SHRINKS = "min-w-6 shrink-[50]";

export function Sparkline({ summary }: { summary: TensorSummary | null | undefined }) {
  if (!summary) return <span style={{ width: WIDTH, height: HEIGHT }} className={SHRINKS} />;
  const most = Math.max(1, ...summary.sketch);
  const step = WIDTH / summary.sketch.length;
  const bars = summary.sketch.map((count, i) => {
    const height = count === 0 ? 0 : Math.max(1, Math.sqrt(count / most) * HEIGHT);
    return `M${i * step} ${HEIGHT}v${-height}h${step - 0.5}v${height}z`;
  });
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={SHRINKS}
      fill="var(--faint)"
    >
      <path d={bars.join("")} />
    </svg>
  );
}
