/** One place for two panels: how a quantized weight is stored, and the arithmetic of the marked element. */
import { type ReactNode, useState } from "react";
import { findTensor } from "../../../workers/layouts/address.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { lazyPart } from "../../widgets/lazyPart.ts";

const StoredPanel = lazyPart(async () => (await import("./StoredPanel.tsx")).StoredPanel);

/** The panel of the shown weight; null where plain numbers are shown. */
export function useStoredPanel(): ReactNode | null {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const address = useExperiment((e) => e.tensor);
  const view = useExperiment((e) => e.view);
  const weight = info ? findTensor(info, address) : undefined;
  if (!info || !weight?.stored) return null;
  return <StoredPanel info={info} weight={weight} stored={weight.stored} view={view ?? weight.view} />;
}

/** Both, one at a time. */
export function StoredOrInspector({ stored, inspector }: { stored: ReactNode; inspector: ReactNode }) {
  const [shown, show] = useState<"stored" | "inspector">("stored");
  const tab = (id: typeof shown, label: string) => (
    <button
      type="button"
      aria-pressed={shown === id}
      className={`cursor-pointer border-0 border-b-2 bg-transparent px-1 py-0.5 text-xs ${shown === id ? "border-accent font-semibold text-ink" : "border-transparent text-muted hover:text-ink"}`}
      onClick={() => show(id)}
    >
      {label}
    </button>
  );
  return (
    <div className="flex flex-col gap-1.5">
      <fieldset className="m-0 flex gap-2 border-0 p-0" aria-label="Panel shown">
        {tab("stored", "Stored as")}
        {tab("inspector", "Inspector")}
      </fieldset>
      {shown === "stored" ? stored : inspector}
    </div>
  );
}
