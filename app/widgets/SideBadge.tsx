import type { Side } from "../state/types.ts";

/** The letter of a side on its colour, before what belongs to it. */
export const SideBadge = ({ side }: { side: Side }) => (
  <span
    aria-hidden="true"
    className="mt-0.5 grid size-[22px] shrink-0 place-items-center rounded font-semibold text-panel"
    style={{ background: `var(--${side})` }}
  >
    {side.toUpperCase()}
  </span>
);
