/** Said where the open source holds no language model that is known. */
import { withSource } from "../../state/experiment.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { SourceProblem } from "../../tensors/SourceProblem.tsx";
import { modelStoreOf } from "./binding.ts";
import { withMix } from "./mix/state.ts";

export function NoModel() {
  const w = useWorkbench();
  const { status, problem } = useStoreOf(modelStoreOf(w), (s) => s);
  const source = useStoreOf(w.source.store, (s) => s.status);
  const models = useStoreOf(w.source.store, (s) => s.samples).filter((sample) => sample.files);
  if (source !== "open" && source !== "opening") return <SourceProblem />;
  if (status === "none" || status === "asking" || source === "opening")
    return <p className="m-0 p-4 text-muted">Looking for a language model in the source…</p>;
  return (
    <section aria-label="No model" className="mx-auto flex max-w-xl flex-col gap-3 p-6">
      <h2 className="m-0 font-semibold text-base">No language model is open</h2>
      <p role="status" className="m-0 text-muted">
        {problem}
      </p>
      <p className="m-0">
        Drop a Hugging Face folder (its safetensors with config.json and tokenizer.json) or a GGUF file anywhere on this
        page, open an address, or begin with the small model that comes with it.
      </p>
      <p className="m-0">
        What its tensors take can be found out all the same:{" "}
        <button type="button" className="btn" onClick={() => w.timeline.change((e) => withMix(e, { side: "mix" }))}>
          Mix of recipes
        </button>
      </p>
      {models.map(({ id, label, describe }) => (
        <button
          key={id}
          type="button"
          className="btn btn-main self-start"
          title={describe}
          onClick={() => w.timeline.change((e) => withSource(e, { kind: "sample", id }))}
        >
          Open {label}
        </button>
      ))}
    </section>
  );
}
