/** What a panel of the mix has under way: how far it is, and the button that ends it. */
import type { ReactNode } from "react";
import { Icon } from "../../../widgets/icons.tsx";

interface Props {
  /** "Progress of timing". */
  label: string;
  progress: { done: number; total: number } | null | undefined;
  job: AbortController;
  /** In words. */
  children?: ReactNode;
}

export function UnderWay({ label, progress, job, children }: Props) {
  return (
    <span className="flex items-center gap-2">
      <progress
        className="w-20"
        aria-label={label}
        max={1}
        value={progress && progress.total > 0 ? progress.done / progress.total : undefined}
      />
      {children && (
        <span role="status" className="text-muted">
          {children}
        </span>
      )}
      <button type="button" className="btn" onClick={() => job.abort()}>
        <Icon name="stop" />
        Cancel
      </button>
    </span>
  );
}
