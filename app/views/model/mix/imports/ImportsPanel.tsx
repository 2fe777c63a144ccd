/** What other programs made of this model: dropped or chosen here, and what became of each file. */
import { type DragEvent, useState } from "react";
import { printable } from "../../../../../kernels/text/printable.ts";
import { pickFiles } from "../../../../files/files.ts";
import { uiStore } from "../../../../state/ui.ts";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import { Icon } from "../../../../widgets/icons.tsx";
import { bring, broughtOf, broughtTo } from "../measured/brought.ts";
import type { MixInView } from "../panel.ts";
import { saidOf } from "./store.ts";
import { takeFiles } from "./take.ts";

/** What can be brought, and what becomes of it. */
const kinds: readonly [what: string, becomes: string][] = [
  ["Scores (JSON)", "of this page or its command line; ExLlamaV3's measurement.json; MLX's MODEL_sensitivities.json"],
  [
    "Importance matrix",
    "of llama-imatrix (GGUF or .dat): what is known of inputs, and its statistics beside the signals",
  ],
  ["Log", "of llama-perplexity --kl-divergence: a measured point"],
  ["Quantized checkpoint", "GGUF or safetensors of the same model: its assignment, to be measured beside the mix"],
];

export function ImportsPanel({ mix: { source } }: { mix: MixInView }) {
  const w = useWorkbench();
  const said = useStoreOf(saidOf(w), (s) => s.said);
  const { logs, files } = broughtTo(
    useStoreOf(broughtOf(w), (s) => s),
    source,
  );
  const [over, setOver] = useState(false);
  const take = (chosen: readonly File[]) => chosen.length > 0 && void takeFiles(w, source, chosen);
  const drop = (event: DragEvent) => {
    // Elsewhere on the page a file that is dropped is opened in the model's place.
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    uiStore.setState({ dropping: false });
    take([...event.dataTransfer.files]);
  };
  return (
    <div className="relative flex flex-col gap-2 text-xs">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on; the button in it does the same by keyboard */}
      <div
        data-import
        className={`flex flex-col gap-1.5 rounded border border-dashed p-3 ${over ? "border-accent bg-grid" : "border-line"}`}
        onDragOver={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <div className="flex flex-wrap items-center gap-2">
          <button type="button" className="btn" onClick={() => void pickFiles(false).then(take)}>
            <Icon name="folder" />
            Choose files…
          </button>
          <span className="text-muted">or drop them here; they stay on this machine</span>
        </div>
        <dl className="m-0 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
          {kinds.map(([what, becomes]) => (
            <div key={what} className="contents">
              <dt>{what}</dt>
              <dd className="m-0 text-muted">{becomes}</dd>
            </div>
          ))}
        </dl>
      </div>
      <ul aria-label="What became of files" aria-live="polite" className="m-0 flex list-none flex-col gap-1 p-0">
        {said.map(({ ok, words }, i) => (
          <li key={`${said.length - i} ${words}`} className={ok ? "text-ink" : "text-bad"}>
            {printable(words)}
          </li>
        ))}
      </ul>
      {logs.length + files.length > 0 && (
        <button
          type="button"
          className="btn self-start"
          onClick={() => bring(broughtOf(w), source, () => ({ logs: [], files: [] }))}
        >
          Forget {logs.length + files.length} imported {logs.length + files.length === 1 ? "point" : "points"}
        </button>
      )}
    </div>
  );
}
