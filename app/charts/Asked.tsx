/** How far questions to the workers are, with a cancel; and what became of those that have no answer. */
import { Icon } from "../widgets/icons.tsx";
import type { Answered } from "./useAnswer.ts";

/** Questions of one panel, by what each is of: "A", "B". */
export function Asked({ of }: { of: readonly { name: string; asked: Answered<unknown> }[] }) {
  const running = of.filter(({ asked }) => asked.running);
  const failed = of.filter(({ asked }) => asked.problem !== null);
  const problems = new Set(failed.map(({ asked }) => asked.problem));
  return (
    <>
      {running.length > 0 && (
        <div className="flex flex-wrap items-center gap-2 text-muted text-xs">
          {running.map(({ name, asked: { progress } }) => (
            <span key={name} className="inline-flex items-center gap-1">
              {name}
              <progress
                className="w-20"
                aria-label={`Progress of ${name}`}
                max={1}
                value={progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined}
              />
              {progress?.phase ?? "starting"}
            </span>
          ))}
          <button type="button" className="btn" onClick={() => running.forEach(({ asked }) => void asked.cancel())}>
            <Icon name="stop" />
            Cancel
          </button>
        </div>
      )}
      {failed.length > 0 && (
        <div className="flex flex-wrap items-center gap-2 text-xs">
          {[...problems].map((problem) => (
            <p key={problem} role="status" className="m-0 text-bad">
              {/* What both have in common is said once. */}
              {problems.size > 1 &&
                `${failed
                  .filter(({ asked }) => asked.problem === problem)
                  .map(({ name }) => name)
                  .join(", ")}: `}
              {problem}
            </p>
          ))}
          <button type="button" className="btn" onClick={() => failed.forEach(({ asked }) => void asked.again())}>
            Again
          </button>
        </div>
      )}
    </>
  );
}
