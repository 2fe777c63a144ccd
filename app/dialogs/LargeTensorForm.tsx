/** Says what showing a large tensor takes before anything of it is read. */

import { useMemo } from "react";
import { printable } from "../../kernels/text/printable.ts";
import { type Extent, type LargeTensor, SAMPLE_VALUES } from "../state/large.ts";
import { formatSize } from "../state/source.ts";
import { useExperiment } from "../state/workbench.ts";
import { memoryOf } from "./memoryOf.ts";

export function LargeTensorForm({ large, onDecide }: { large: LargeTensor; onDecide: (extent: Extent) => void }) {
  const { tensor, bytes, again, host } = large;
  const experiment = useExperiment((e) => e);
  const memory = useMemo(() => memoryOf(experiment, tensor), [experiment, tensor]);
  const ofSample = useMemo(() => memoryOf(experiment, tensor, SAMPLE_VALUES), [experiment, tensor]);
  return (
    <div className="flex flex-col gap-3">
      <p className="m-0 break-all font-mono font-semibold text-[13px]">{printable(tensor.name)}</p>
      <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">Values</dt>
        <dd className="m-0">
          {tensor.shape.join(" × ")} = {tensor.elements.toLocaleString("en")}
        </dd>
        {bytes !== null && (
          <>
            <dt className="text-muted">To be read</dt>
            <dd className="m-0">
              {formatSize(bytes)}
              {host ? ` from ${host}` : ""}
              {again ? ", once for every recipe: it does not fit into the memory kept for tensors" : ""}
            </dd>
          </>
        )}
        <dt className="text-muted">Memory</dt>
        <dd className="m-0">
          up to {formatSize(memory)} while these two recipes are compared, up to {formatSize(ofSample)} for a sample
        </dd>
      </dl>
      <p className="m-0 text-muted">
        A sample is up to 16.8 million values in tiles of whole rows, spread evenly; the figures say that they are of a
        sample.
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <button type="button" className="btn" onClick={() => onDecide("nothing")}>
          Cancel
        </button>
        <button type="button" className="btn" onClick={() => onDecide("whole")}>
          Show all of it
        </button>
        <button data-first type="button" className="btn btn-main" onClick={() => onDecide("sample")}>
          Show a sample
        </button>
      </div>
    </div>
  );
}
