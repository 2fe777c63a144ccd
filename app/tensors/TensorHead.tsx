/** The shown tensor: its name, type, shape and how it is read as a matrix. */
import { printable } from "../../kernels/text/printable.ts";
import { findTensor } from "../../workers/layouts/address.ts";
import { forgetting } from "../state/experiment.ts";
import { matrixSize, matrixViews } from "../state/matrixView.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { InputsSlot } from "./InputsSlot.tsx";
import { StoredBadge } from "./StoredBadge.tsx";

const times = (dims: readonly number[]): string => (dims.length === 0 ? "scalar" : dims.join(" × "));

export function TensorHead() {
  const { source, timeline } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const opening = useStoreOf(source.store, (s) => s.status === "opening");
  const name = useExperiment((e) => e.tensor);
  const chosen = useExperiment((e) => e.view);
  const tensor = info ? findTensor(info, name) : undefined;
  // Its place is kept while another source opens: nothing below moves up and down again.
  if (opening && !tensor) return <div className="min-h-[26px] shrink-0 max-[859px]:pointer-coarse:min-h-[66px]" />;
  if (!info || !tensor) return null;
  const view = chosen ?? tensor.view;
  const [rows, cols] = matrixSize(tensor.shape, view);
  const options = matrixViews(tensor.shape);
  // Views that give the same matrix are listed once: the listed one with these sides stands for the chosen one.
  const sides = `${rows}x${cols}`;
  const current =
    options.find((o) => o.split === view.split && o.transpose === view.transpose) ??
    options.find((o) => matrixSize(tensor.shape, o).join("x") === sides);
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 px-1 text-muted">
      <h2 className="m-0 truncate font-mono font-semibold text-[13px] text-ink" title={printable(tensor.name)}>
        {printable(tensor.name)}
      </h2>
      <span>{tensor.dtype}</span>
      {tensor.stored && <StoredBadge stored={tensor.stored} />}
      <span>{times(tensor.shape)}</span>
      {tensor.problem && (
        <p role="alert" className="m-0 flex items-center gap-1.5 text-bad">
          <Icon name="warning" />
          {printable(tensor.problem)}
        </p>
      )}
      {tensor.warning && (
        <p role="status" className="m-0 flex basis-full items-start gap-1.5 text-warn">
          <Icon name="warning" className="mt-0.5 shrink-0" />
          {tensor.warning}.
        </p>
      )}
      <label className="flex items-center gap-1.5">
        <span className="label">as matrix</span>
        <select
          className="field"
          aria-label="Matrix view"
          value={current ? options.indexOf(current) : -1}
          onChange={(event) => {
            const next = options[Number(event.currentTarget.value)];
            const usual = next.split === tensor.view.split && next.transpose === tensor.view.transpose;
            timeline.change((e) => forgetting({ ...e, view: usual ? null : next }, "matrix"));
          }}
        >
          {options.map((option, i) => (
            <option key={`${option.split}${option.transpose}`} value={i}>
              {matrixSize(tensor.shape, option).join(" × ")}
              {option.transpose ? " transposed" : ""}
            </option>
          ))}
        </select>
      </label>
      <InputsSlot />
    </div>
  );
}
