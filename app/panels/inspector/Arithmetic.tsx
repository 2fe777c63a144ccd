/** One recipe's way from the value to its code and back: what came of it first, then line by line. */
import type { ReactNode } from "react";
import type { InspectedScale, Inspection } from "../../../kernels/report/report.ts";
import { formatCount, formatExact, formatNumber, formatShort } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import { CodeBits } from "./Bits.tsx";
import { NeighbourLine } from "./NeighbourLine.tsx";
import { stateSentence } from "./words.ts";

function Line({ name, title, children }: { name: ReactNode; title?: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-[10.5px] text-muted" title={title}>
        {name}
      </dt>
      <dd className="m-0 min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  );
}

const list = "m-0 grid grid-cols-[auto_minmax(0,1fr)] gap-x-1 text-[11px] leading-[15px]";

export function Arithmetic(props: { side: Side; recipe?: string; inspection: Inspection | null }) {
  const { side, recipe, inspection: i } = props;
  const name = side.toUpperCase();
  return (
    <section aria-label={`Arithmetic of ${name}`} className="min-w-0">
      <h4
        className={`m-0 truncate text-xs font-semibold ${side === "a" ? "text-a" : "text-b"}`}
        title={recipe && `${name}: ${recipe}`}
      >
        {name} <span className="font-mono font-normal">{recipe}</span>
      </h4>
      {i ? <Steps side={side} i={i} /> : <p className="m-0 text-xs text-muted">not computed yet</p>}
    </section>
  );
}

function Steps({ side, i }: { side: Side; i: Inspection }) {
  const sentence = stateSentence(i);
  const scaled = i.scales.length > 0;
  return (
    <>
      <dl className={`${list} mb-0.5 border-grid border-b pb-0.5`}>
        <Line name="result">
          <strong className="font-semibold">{formatExact(i.result)}</strong>
        </Line>
        <Line name="error">
          <strong className="font-semibold">{formatExact(i.error)}</strong>
          {i.x !== 0 && Number.isFinite(i.error) && (
            <span className="whitespace-nowrap text-muted">
              {" "}
              · {formatNumber((100 * Math.abs(i.error)) / Math.abs(i.x), 2)} %
            </span>
          )}
        </Line>
      </dl>
      <dl className={list}>
        {i.input !== i.x && (
          <Line name={i.steps ? "entering" : "rotated"} title="the value after the steps before the quantizer">
            {formatExact(i.input)}
          </Line>
        )}
        {scaled && (
          <Line name="block">
            {formatCount(i.block)}, amax {formatShort(i.blockAmax, 3)}
          </Line>
        )}
        {i.scales.map((scale, level) => (
          <Scale key={level} scale={scale} level={level} of={i.scales.length} />
        ))}
        {i.scales.filter((s) => s.what === undefined || s.what === "scales").length > 1 && (
          <Line name="scale" title="the scale in force: the product of the stored levels">
            {formatExact(i.scale)}
          </Line>
        )}
        {i.offset !== undefined && (
          <Line name="offset" title="what is added after scaling: the product of the stored minima, taken off">
            {formatExact(i.offset)}
          </Line>
        )}
        {i.zeroPoint !== null && <ZeroPoint i={i} zeroPoint={i.zeroPoint} />}
        <Line
          name="quotient"
          title={`the exact quotient of value${i.offset === undefined ? "" : " less offset"} and scale`}
        >
          {Number.isFinite(i.quotient) ? String(i.quotient).replace("-", "−") : formatNumber(i.quotient)}
        </Line>
      </dl>
      <NeighbourLine inspection={i} side={side} />
      <dl className={list}>
        <Line name="code">
          <CodeBits bits={i.codeBits} code={i.code} />
          <span className="text-muted"> → </span>
          {i.zeroPoint !== null && i.code !== null && (
            <span className="text-muted">
              {i.code} − {formatExact(i.zeroPoint)} ={" "}
            </span>
          )}
          {formatExact(i.level)}
        </Line>
        {i.words?.map(({ what, value }) => (
          <Line key={what} name={what}>
            {value}
          </Line>
        ))}
        {scaled && (
          <Line name="× scale">
            {formatExact(i.level)} × {formatShort(i.scale, 4)}
            {i.offset !== undefined && ` ${i.offset < 0 ? "−" : "+"} ${formatShort(Math.abs(i.offset), 4)}`} ={" "}
            {formatExact(i.quantized)}
          </Line>
        )}
        {!i.steps && i.result !== i.quantized && <Line name="undone">{formatExact(i.result)}</Line>}
        {i.steps?.map(({ name, value }, k) => (
          <Line key={k} name={`after ${name}`} title="the value once this step was undone, or has mended the result">
            {formatExact(value)}
          </Line>
        ))}
      </dl>
      {sentence && (
        <p className={`m-0 text-[11px] leading-[14px] ${i.state === "ordinary" ? "text-muted" : "text-warn"}`}>
          {sentence}
        </p>
      )}
    </>
  );
}

/** The stored zero point, and the quotient it was rounded from where the block's least value gave it. */
function ZeroPoint({ i, zeroPoint }: { i: Inspection; zeroPoint: number }) {
  const ideal = -Math.min(0, i.blockMin) / i.scale;
  return (
    <Line name="zero pt" title="the code that stands for zero, the rounded quotient of -min and the scale">
      {Math.abs(ideal - zeroPoint) <= 0.5 && (
        <span className="text-muted">
          {formatShort(-Math.min(0, i.blockMin), 4)} / {formatShort(i.scale, 3)} = {formatShort(ideal, 4)} →{" "}
        </span>
      )}
      {formatExact(zeroPoint)}
    </Line>
  );
}

function Scale({ scale, level, of }: { scale: InspectedScale; level: number; of: number }) {
  // Bits of a float32 scale say little and take two lines.
  const bits = scale.codeBits !== null && scale.codeBits.replaceAll(" ", "").length < 32;
  const [ideal, stored] = [formatShort(scale.ideal, 5), formatExact(scale.value)];
  const one = scale.what === "minima" ? "min" : scale.what === "offsets" ? "offset" : "scale";
  const known = !Number.isNaN(scale.ideal);
  return (
    <Line
      name={of > 1 ? `${one} ${level}` : one}
      title={`${of > 1 ? `level ${level}, ` : ""}${known ? "the ideal, rounded into" : "as the block stores it, in"} ${scale.format}`}
    >
      {known && ideal}
      <span className="text-muted">
        {known && " → "}
        {scale.format}{" "}
      </span>
      {bits && (
        <>
          <CodeBits bits={scale.codeBits} code={scale.code} />
          <span className="text-muted"> = </span>
        </>
      )}
      {stored}
    </Line>
  );
}
