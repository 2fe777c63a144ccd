/** What a term means, beside it. */
import type { CSSProperties } from "react";
import { type TermName, terms } from "./terms.ts";

export function TermWords({ of, id, style }: { of: TermName; id: string; style: CSSProperties }) {
  const { name, short, long } = terms[of];
  return (
    <div
      id={id}
      role="tooltip"
      className="popup pointer-events-none fixed z-[65] px-3 py-2 text-left text-xs"
      style={style}
    >
      <p className="m-0 font-semibold">{name}</p>
      <p className="m-0">{`${short[0].toUpperCase()}${short.slice(1)}.`}</p>
      <p className="m-0 text-muted">{long}</p>
    </div>
  );
}
