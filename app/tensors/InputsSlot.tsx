/** The place of what is known of the weight's inputs. Most people know nothing of them: what shows them is loaded when asked for. */
import { Suspense, useState } from "react";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { lazyPart } from "../widgets/lazyPart.ts";

const Inputs = lazyPart(async () => (await import("./Inputs.tsx")).Inputs);

export function InputsSlot() {
  const { calibration } = useWorkbench();
  const none = useStoreOf(calibration.store, (s) => s.status === "none");
  const [wanted, setWanted] = useState(false);
  const button = (
    <span className="flex items-center gap-1.5" data-inputs="none">
      <span className="label">inputs</span>
      <button
        type="button"
        className="btn"
        aria-label="Inputs: none"
        aria-haspopup="menu"
        onClick={() => setWanted(true)}
      >
        none
        <Icon name="chevron" className="text-muted" />
      </button>
    </span>
  );
  if (none && !wanted) return button;
  return (
    <Suspense fallback={button}>
      <Inputs atOnce={wanted} />
    </Suspense>
  );
}
