/** Every assignment with its size, its prediction, its measured KL and what lies between the two. */
import { printable } from "../../../../../kernels/text/printable.ts";
import type { Estimate } from "../../../../../workers/lm/figures/index.ts";
import { formatNumber } from "../../../../charts/numbers.ts";
import { writeEstimate, writtenText } from "../../estimates.ts";
import { InlineMark } from "./marks.tsx";
import { type MeasuredPoint, pointKinds } from "./points.ts";

interface Props {
  points: readonly MeasuredPoint[];
  /** What predictions are in. */
  unit: string;
  /** Whether predictions are KL, so that a ratio means something. */
  comparable: boolean;
  /** KL of a point less that of the mix; null where both were not run together. */
  difference(point: MeasuredPoint): Estimate | null;
}

const wordsOf = new Map(pointKinds.map(({ kind, words }) => [kind, words]));

export function PointsTable({ points, unit, comparable, difference }: Props) {
  return (
    <table className="w-full border-collapse text-xs" data-measured-table>
      <caption className="sr-only">Assignments and their measured KL</caption>
      <thead>
        <tr className="text-right text-muted">
          <th scope="col" className="text-left font-normal">
            assignment
          </th>
          <th scope="col" className="px-1 font-normal">
            bits a weight
          </th>
          <th scope="col" className="px-1 font-normal">
            predicted, {unit}
          </th>
          <th scope="col" className="px-1 font-normal">
            measured KL, nats
          </th>
          {comparable && (
            <th scope="col" className="px-1 font-normal" title="Measured over predicted">
              ratio
            </th>
          )}
          <th scope="col" className="pl-1 font-normal" title="KL less that of the chosen mix, paired by window">
            less the mix's
          </th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => {
          const { id, kind, label, bits, predicted, measured, notes } = point;
          const less = difference(point);
          const ratio =
            measured?.value != null && predicted !== null && predicted > 0 ? measured.value / predicted : null;
          return (
            <tr key={id} className="border-grid border-t text-right" data-kind={kind}>
              <th scope="row" className="text-left font-normal" title={wordsOf.get(kind)}>
                <InlineMark kind={kind} />
                {printable(label)}
                {notes.map((note) => (
                  <span key={note} className="block pl-4 text-muted">
                    {printable(note)}
                  </span>
                ))}
              </th>
              <td className="whitespace-nowrap px-1">{bits === null ? "–" : bits.toFixed(3)}</td>
              <td className="whitespace-nowrap px-1">{formatNumber(predicted)}</td>
              <td className="whitespace-nowrap px-1" data-kl>
                {measured ? writtenText(writeEstimate(measured)) : "–"}
              </td>
              {comparable && <td className="whitespace-nowrap px-1">{formatNumber(ratio)}</td>}
              <td className="whitespace-nowrap pl-1">{less ? writtenText(writeEstimate(less)) : "–"}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
