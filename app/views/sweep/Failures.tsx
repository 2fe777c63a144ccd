/** What gave no figures, or those of a recipe without a step, by what was said; everything else stands. */
import type { Failure } from "./points.ts";

const SHOWN = 12;

interface Props {
  failures: readonly Failure[];
  /** Which of them are shown. */
  instead: boolean;
  several: boolean;
}

export function Failures({ failures, instead, several }: Props) {
  return (
    <section
      aria-label={instead ? "Points without a step" : "Failed points"}
      className="h-full overflow-auto p-2"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <ul className="m-0 flex list-none flex-col gap-2 p-0">
        {failures
          .filter((failure) => failure.instead === instead)
          .map(({ message, points }) => (
            <li key={message}>
              <p className="m-0">
                <strong className="font-semibold">{points.length.toLocaleString("en")} ×</strong> {message}
              </p>
              <p className="m-0 break-all font-mono text-muted text-xs">
                {points
                  .slice(0, SHOWN)
                  .map(({ recipe, tensor }) => (several ? `${recipe} on ${tensor}` : recipe))
                  .join(", ")}
                {points.length > SHOWN ? ` and ${points.length - SHOWN} more` : ""}
              </p>
            </li>
          ))}
      </ul>
    </section>
  );
}
