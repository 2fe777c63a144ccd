/** Scores of keys and values by layer and recipe: read here, chosen by on the command line. */
import { formatBytes } from "../../../../../workers/bytes/format-bytes.ts";
import { DataTable } from "../../../../charts/DataTable.tsx";
import { formatCount } from "../../../../charts/numbers.ts";
import type { MixInView } from "../panel.ts";
import { cacheRows } from "./rows.ts";

export function CachePanel({ mix: { scores } }: { mix: MixInView }) {
  const cache = scores?.cache;
  if (!cache) return <p className="m-0 text-muted text-xs">These scores have no keys and values.</p>;
  return (
    <div className="flex flex-col gap-2 text-xs">
      <p className="m-0 text-muted">
        The mix on this page gives all layers the recipe beside the context, and leaves these figures out. A choice for
        each layer, together with that of the tensors, is made by the command line:{" "}
        <code>model --signal kl --cache-recipes … --context {cache.context} --budget …</code>
      </p>
      {Object.entries(cache.signals).map(([name, signal]) => (
        <div key={name} className="flex flex-col gap-1">
          <p className="m-0 text-muted">{signal.about}</p>
          <div className="h-60">
            <DataTable data={cacheRows(cache, name)} />
          </div>
        </div>
      ))}
      <p className="m-0 text-muted">
        In float16 all of it takes{" "}
        {formatBytes(Math.ceil(cache.layers.reduce((sum, { storedBits }) => sum + storedBits, 0) / 8))} at{" "}
        {formatCount(cache.context)} tokens. {cache.notes.join(" ")}
      </p>
    </div>
  );
}
