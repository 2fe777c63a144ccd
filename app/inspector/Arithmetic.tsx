/** One recipe's way from the value to its code and back, line by line. */
import { Fragment, type ReactNode } from "react";
import type { InspectedScale, Inspection } from "../../kernels/report.ts";
import { formatCount, formatExact, formatNumber, formatShort } from "../charts/numbers.ts";
import type { Side } from "../charts/types.ts";
import { CodeBits } from "./Bits.tsx";
import { NeighbourLine } from "./NeighbourLine.tsx";
import { stateSentence } from "./words.ts";

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="m-0 min-w-0">{children}</dd>
    </>
  );
}

export function Arithmetic(props: { side: Side; recipe?: string; inspection: Inspection | null }) {
  const { side, recipe, inspection: i } = props;
  const name = side.toUpperCase();
  return (
    <section aria-label={`Arithmetic of ${name}`} className="min-w-0">
      <h4 className={`m-0 truncate text-xs font-semibold ${side === "a" ? "text-a" : "text-b"}`}>
        {name} <span className="font-mono font-normal">{recipe}</span>
      </h4>
      {i ? <Steps side={side} i={i} /> : <p className="m-0 text-xs text-muted">not computed yet</p>}
    </section>
  );
}

function Steps({ side, i }: { side: Side; i: Inspection }) {
  const sentence = stateSentence(i);
  const direct = i.scales.length === 0;
  return (
    <>
      <dl className="m-0 mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 gap-y-0.5 text-xs">
        {i.input !== i.x && <Line name="after steps">{formatExact(i.input)}</Line>}
        {!direct && (
          <Line name="block">
            {formatCount(i.block)}, amax {formatShort(i.blockAmax, 5)}
          </Line>
        )}
        {i.scales.map((scale, level) => (
          <Scale key={level} scale={scale} level={level} of={i.scales.length} />
        ))}
        {i.scales.length > 1 && <Line name="in force">{formatExact(i.scale)}</Line>}
        {i.zeroPoint !== null && <Line name="zero point">{formatExact(i.zeroPoint)}</Line>}
        <Line name="quotient">
          <span className="break-all">
            {Number.isFinite(i.quotient) ? String(i.quotient).replace("-", "−") : formatNumber(i.quotient)}
          </span>
        </Line>
      </dl>
      <NeighbourLine inspection={i} side={side} />
      <dl className="m-0 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 gap-y-0.5 text-xs">
        <Line name="code">
          <CodeBits bits={i.codeBits} code={i.code} /> <span className="text-muted">→</span> {formatExact(i.level)}
        </Line>
        <Line name="result">
          {!direct && (
            <span className="text-muted">
              {formatExact(i.level)}
              {i.zeroPoint ? ` (less zero point)` : ""} × {formatShort(i.scale, 4)} ={" "}
            </span>
          )}
          {formatExact(i.quantized)}
          {i.result !== i.quantized && <span className="text-muted"> → undone: {formatExact(i.result)}</span>}
        </Line>
        <Line name="error">
          <strong className="font-semibold">{formatExact(i.error)}</strong>
          {i.x !== 0 && Number.isFinite(i.error) && (
            <span className="text-muted">
              {" "}
              · {formatNumber((100 * Math.abs(i.error)) / Math.abs(i.x), 3)} % of the value
            </span>
          )}
        </Line>
      </dl>
      {sentence && (
        <p className={`m-0 mt-0.5 text-xs ${i.state === "ordinary" ? "text-muted" : "text-warn"}`}>{sentence}</p>
      )}
    </>
  );
}

function Scale({ scale, level, of }: { scale: InspectedScale; level: number; of: number }) {
  // Bits of a float32 scale say little and take two lines.
  const bits = scale.codeBits !== null && scale.codeBits.replaceAll(" ", "").length < 32;
  const [ideal, stored] = [formatShort(scale.ideal, 6), formatExact(scale.value)];
  return (
    <Line
      name={
        <Fragment>
          scale{of > 1 ? ` ${level}` : ""} <span className="font-mono">{scale.format}</span>
        </Fragment>
      }
    >
      {ideal}
      {(bits || ideal !== stored) && (
        <>
          <span className="text-muted"> → </span>
          {bits && (
            <>
              <CodeBits bits={scale.codeBits} code={scale.code} />
              <span className="text-muted"> = </span>
            </>
          )}
          {stored}
        </>
      )}
    </Line>
  );
}
