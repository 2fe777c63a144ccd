import { useState } from "react";

/** A whole number that is taken when the field is left, or Enter pressed. */
export function NumberField(props: { name: string; value: number; least: number; onCommit: (value: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    const value = Number(typed);
    if (typed !== null && typed !== "" && Number.isSafeInteger(value) && value >= props.least) props.onCommit(value);
    setTyped(null);
  };
  return (
    <input
      type="number"
      aria-label={props.name}
      className="field w-14 text-xs"
      min={props.least}
      value={typed ?? props.value}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
  );
}
