/** How the shown weight lies in its checkpoint: layout, bits by part, its own recipe, its readings, and its codes. */
import type { MatrixView } from "../../../kernels/report/report.ts";
import { findTensor, splitAddress } from "../../../workers/layouts/address.ts";
import type { SourceInfo } from "../../../workers/sources/info.ts";
import type { TensorInfo } from "../../../workers/tensors/info.ts";
import type { StoredAs } from "../../../workers/tensors/stored.ts";
import { withRecipe, withTensor } from "../../state/experiment.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Readings } from "./Readings.tsx";
import { StoredCharts } from "./StoredCharts.tsx";
import { useStored } from "./useStored.ts";

interface Props {
  info: SourceInfo;
  /** Under the address of its reading. */
  weight: TensorInfo;
  stored: StoredAs;
  view: MatrixView;
}

/** Of the shown weight; nothing where plain numbers are shown. */
export function StoredPanel() {
  const { source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const address = useExperiment((e) => e.tensor);
  const view = useExperiment((e) => e.view);
  const weight = info ? findTensor(info, address) : undefined;
  if (!info || !weight?.stored) return null;
  return <StoredWeight info={info} weight={weight} stored={weight.stored} view={view ?? weight.view} />;
}

function StoredWeight({ info, weight, stored, view }: Props) {
  const { kind } = stored;
  const { figures, problem, stale } = useStored({ source: info.id, tensor: weight.name, view });
  const name = info.tensors.some((t) => t.name === weight.name) ? weight.name : (splitAddress(weight.name)?.name ?? "");
  return (
    <section aria-label="Stored as" className="relative flex flex-col gap-3 text-xs">
      <header>
        <h3 className="m-0 font-semibold text-sm">
          {kind.layout}, {stored.bitsPerWeight.toFixed(2)} bits a weight
        </h3>
        <p className="m-0 text-muted">
          {kind.describe}{" "}
          {kind.source === null ? "Told from names and shapes: no configuration says so." : `Told by ${kind.source}.`}
        </p>
        {kind.doubt && (
          <p role="status" className="m-0 text-warn">
            {kind.doubt}.
          </p>
        )}
        <p className="m-0 text-muted">{arithmetic(stored)}</p>
      </header>
      <Parts stored={stored} />
      <OwnRecipe kind={kind} />
      {kind.readings.length > 0 && (
        <Readings name={name} address={weight.name} readings={kind.readings} figures={figures} stale={stale} />
      )}
      {problem && (
        <p role="alert" className="m-0 text-bad">
          {problem}
        </p>
      )}
      {figures && <StoredCharts figures={figures} elements={weight.elements} stale={stale} />}
    </section>
  );
}

/** In which precision the weights are decoded, where their library takes another. */
function arithmetic({ parts }: StoredAs): string {
  const scales = parts.find((part) => part.role === "scales")?.dtype;
  const name = scales === "F16" ? "float16" : scales === "BF16" ? "bfloat16" : null;
  return name === null
    ? "Decoded in float32, step by step as its library does."
    : `Decoded in float32; a library that computes in the scales' ${name} rounds each step to that.`;
}

/** Each stored tensor with what it takes; it opens in the Bench like any other. */
function Parts({ stored }: { stored: StoredAs }) {
  const { timeline } = useWorkbench();
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">Stored parts and their bits a weight</caption>
      <thead>
        <tr className="text-left text-muted">
          <th className="py-0.5 font-medium">part</th>
          <th className="py-0.5 font-medium">stored as</th>
          <th className="py-0.5 text-right font-medium">bits a weight</th>
        </tr>
      </thead>
      <tbody>
        {stored.parts.map(({ role, info, dtype, shape, bitsPerWeight }) => (
          <tr key={info.name} className="border-grid border-t">
            <td className="py-0.5 pr-2">
              <button
                type="button"
                className="cursor-pointer border-0 bg-transparent p-0 text-left text-accent underline pointer-coarse:min-h-11"
                title={`Open ${info.name}`}
                onClick={() => timeline.change((e) => withTensor(e, info))}
              >
                {role}
              </button>
            </td>
            <td className="py-0.5 pr-2 text-muted">
              {dtype} {shape.join("×") || "scalar"}
            </td>
            <td className="py-0.5 text-right">{bitsPerWeight === 0 ? "not counted" : bitsText(bitsPerWeight)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Small parts must not read as nothing. */
const bitsText = (bits: number): string => (bits >= 0.0005 ? bits.toFixed(3) : bits.toExponential(1));

function OwnRecipe({ kind: { recipe, recipeNote } }: { kind: StoredAs["kind"] }) {
  const { timeline } = useWorkbench();
  const isA = useExperiment((e) => e.a === recipe);
  return (
    <div>
      <h4 className="m-0 font-semibold">Its own recipe</h4>
      {recipe !== null && (
        <p className="m-0 flex flex-wrap items-center gap-2">
          <code>{recipe}</code>
          <button
            type="button"
            className="btn"
            disabled={isA}
            onClick={() => timeline.change((e) => withRecipe(e, "a", recipe))}
          >
            {isA ? "is A" : "Use its own recipe as A"}
          </button>
        </p>
      )}
      <p className="m-0 text-muted">
        {recipeNote && `${recipeNote} `}
        {recipe !== null && "As A it finds its scales anew, from the decoded weights."}
      </p>
    </div>
  );
}
