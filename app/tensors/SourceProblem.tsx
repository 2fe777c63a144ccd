/** Said in place of the tensors while there are none. */
import { Suspense } from "react";
import { useStoreOf, useWorkbench } from "../state/workbench.ts";
import { lazyPart } from "../widgets/lazyPart.ts";

// Most sources open.
const SourceAsked = lazyPart(async () => (await import("./SourceAsked.tsx")).SourceAsked);

export function SourceProblem() {
  const { source } = useWorkbench();
  const status = useStoreOf(source.store, (s) => s.status);
  if (status !== "asked" && status !== "failed") return <p className="m-0 p-3 text-muted">Opening…</p>;
  return (
    <Suspense fallback={null}>
      <SourceAsked />
    </Suspense>
  );
}
