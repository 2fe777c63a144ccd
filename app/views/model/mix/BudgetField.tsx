/** The budget as a number, taken when the field is left or Enter pressed. */
import { useState } from "react";

export function BudgetField(props: { value: number; unit: string; onCommit(value: number): void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    const value = Number(typed);
    if (typed !== null && typed.trim() !== "" && Number.isFinite(value) && value >= 0 && value !== props.value)
      props.onCommit(value);
    setTyped(null);
  };
  return (
    <label className="inline-flex items-center gap-1 text-muted text-xs">
      budget
      <input
        id="mix-budget"
        type="text"
        inputMode="decimal"
        aria-label={`Budget, ${props.unit}`}
        className="field h-6 min-h-6 w-20 text-right text-xs pointer-coarse:min-h-11 pointer-coarse:text-base"
        value={typed ?? String(props.value)}
        onChange={(event) => setTyped(event.currentTarget.value.replace(",", "."))}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </label>
  );
}
