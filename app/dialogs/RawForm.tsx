/** How to read a file that says nothing about itself. */

import { useState } from "react";
import { printable } from "../../kernels/text/printable.ts";
import { dtypes, findDtype } from "../../workers/tensors/decode.ts";
import { parseShape } from "../link/source.ts";
import { formatSize } from "../state/source.ts";
import { useWorkbench } from "../state/workbench.ts";

export function RawForm({ file, onDone }: { file: File; onDone: () => void }) {
  const { source } = useWorkbench();
  const [dtype, setDtype] = useState("F32");
  const [offset, setOffset] = useState(0);
  const [little, setLittle] = useState(true);
  const fits = Math.max(0, Math.floor((8 * (file.size - offset)) / findDtype(dtype)!.bits));
  const [shapeText, setShapeText] = useState("");
  const shape = parseShape((shapeText || String(fits)).trim().replace(/\s*[x×,* ]\s*/g, "x"));
  const count = shape?.reduce((a, b) => a * b, 1) ?? 0;
  const problem =
    shape === null
      ? "A shape is written as 64x128."
      : count === 0
        ? "The shape holds no element."
        : count > fits
          ? `${count.toLocaleString("en")} elements do not fit: there are bytes for ${fits.toLocaleString("en")}.`
          : null;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (problem || !shape) return;
        onDone();
        void source.openFiles([file], { dtype, shape, offset, littleEndian: little });
      }}
    >
      <p className="m-0 text-muted">
        {printable(file.name)} ({formatSize(file.size)}) has no header this page knows. Say what is in it.
      </p>
      <div className="flex flex-wrap gap-2">
        <label className="flex flex-col">
          <span className="label">Type</span>
          <select
            className="field"
            aria-label="Type"
            value={dtype}
            onChange={(event) => setDtype(event.currentTarget.value)}
          >
            {dtypes.map(({ name, describe }) => (
              <option key={name} title={describe}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col">
          <span className="label">Shape</span>
          <input
            className="field w-40"
            aria-label="Shape"
            aria-invalid={problem !== null}
            placeholder={String(fits)}
            value={shapeText}
            onChange={(event) => setShapeText(event.currentTarget.value)}
          />
        </label>
        <label className="flex flex-col">
          <span className="label">First byte</span>
          <input
            type="number"
            className="field w-28"
            aria-label="First byte"
            min={0}
            max={file.size}
            value={offset}
            onChange={(event) => setOffset(Math.max(0, Math.trunc(event.currentTarget.valueAsNumber || 0)))}
          />
        </label>
        <label className="flex flex-col">
          <span className="label">Byte order</span>
          <select
            className="field"
            aria-label="Byte order"
            value={little ? "little" : "big"}
            onChange={(event) => setLittle(event.currentTarget.value === "little")}
          >
            <option value="little">little endian</option>
            <option value="big">big endian</option>
          </select>
        </label>
      </div>
      {problem && (
        <p role="alert" className="m-0 text-bad">
          {problem}
        </p>
      )}
      <button type="submit" className="btn btn-main self-end" disabled={problem !== null}>
        Open
      </button>
    </form>
  );
}
