// biome-ignore-all lint/a11y/useSemanticElements: heads rows that are placed where they are scrolled to, which rows of a table cannot be
/** The head of a column that a table is sorted by at a press. */
interface Props {
  label: string;
  describe: string;
  /** Whether the table falls by it; null where it is sorted by another. */
  down: boolean | null;
  /** Set at the left, as texts are. */
  words: boolean;
  onSort(): void;
}

export function SortHeader({ label, describe, down, words, onSort }: Props) {
  const by = down !== null;
  return (
    <div
      role="columnheader"
      tabIndex={-1}
      aria-sort={by ? (down ? "descending" : "ascending") : "none"}
      className="flex min-w-0"
    >
      <button
        type="button"
        title={describe}
        className={`flex w-full min-w-0 items-center gap-0.5 px-1.5 text-xs hover:text-ink ${by ? "font-semibold text-ink" : "text-muted"} ${words ? "" : "justify-end"}`}
        onClick={onSort}
      >
        <span className="truncate">{label}</span>
        {by && <span aria-hidden="true">{down ? "↓" : "↑"}</span>}
      </button>
    </div>
  );
}
