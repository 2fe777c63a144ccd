/** The rules one by one: what each touches, at how many bits, with what error. */

import type { LmTensor } from "../../../workers/lm/request.ts";
import { formatNumber } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import type { ReadRules, RuleUse } from "./rules.ts";

export interface RuleFigures {
  /** Over the elements of what it touches; null while some of that is not there. */
  bits: number | null;
  nmse: { mean: number; least: number; most: number } | null;
  broken: number;
}

export function figuresOfRule(
  { touches, recipe }: Pick<RuleUse, "touches" | "recipe">,
  tensors: ReadonlyMap<string, LmTensor>,
): RuleFigures {
  // Figures of another recipe are not of this one.
  const done = touches.flatMap((name) => tensors.get(name) ?? []).filter((one) => one.recipe === recipe);
  const elements = done.reduce((sum, one) => sum + one.elements, 0);
  const errors = done.flatMap(({ nmse }) => nmse ?? []);
  const whole = touches.length > 0 && done.length === touches.length;
  return {
    bits: whole ? done.reduce((sum, one) => sum + one.bitsPerWeight * one.elements, 0) / elements : null,
    nmse:
      whole && errors.length > 0
        ? {
            mean: done.reduce((sum, one) => sum + (one.nmse ?? 0) * one.elements, 0) / elements,
            ...{ least: Math.min(...errors), most: Math.max(...errors) },
          }
        : null,
    broken: done.reduce((sum, one) => sum + one.broken, 0),
  };
}

const rangeWords = ({ least, most }: { least: number; most: number }): string =>
  `Mean over elements; from ${formatNumber(least, 3)} to ${formatNumber(most, 3)} by weight`;

/** What a rule touches, by name, and what it does not. */
function touchedWords({ touches, others, late }: RuleUse): string {
  return [
    ...(others > 0 ? [`${others} of these are norms, biases or embeddings`] : []),
    ...(late > 0 ? [`${late} more have an earlier rule`] : []),
    ...touches.slice(0, 12),
    ...(touches.length > 12 ? ["…"] : []),
  ].join("\n");
}

export function RuleList(props: { side: Side; rules: ReadRules; tensors: ReadonlyMap<string, LmTensor> }) {
  const { side, rules, tensors } = props;
  const name = side.toUpperCase();
  if (rules.uses.length === 0) return null;
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={`Rules of ${name}`}
      className="max-h-[92px] w-[44%] shrink-0 overflow-auto max-[1199px]:w-full"
    >
      <table className="w-full border-collapse text-xs">
        <thead>
          <tr className="text-muted">
            {["rule", "weights", "bits", "NMSE"].map((column, i) => (
              <th
                key={column}
                scope="col"
                className={`sticky top-0 bg-panel px-1 font-normal ${i === 0 ? "text-left" : "text-right"}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.uses.map((use, i) => {
            const { bits, nmse, broken } = figuresOfRule(use, tensors);
            return (
              <tr key={`${i} ${use.pattern}`} className="border-grid border-t text-right" data-rule={use.pattern ?? ""}>
                <th
                  scope="row"
                  className="max-w-40 truncate px-1 text-left font-mono font-normal"
                  title={`${use.pattern ?? "all layers"}=${use.recipe}`}
                >
                  {rules.uses.length > 1 && <span className="text-muted">{i + 1} </span>}
                  {use.pattern ?? <span className="font-sans">all layers </span>}
                  <span className="text-muted">{use.pattern === null ? use.recipe : `=${use.recipe}`}</span>
                </th>
                <td
                  className={`whitespace-nowrap px-1 ${use.touches.length === 0 ? "text-warn" : ""}`}
                  title={touchedWords(use)}
                >
                  {use.touches.length - use.others}
                  {use.others > 0 && <span className="text-warn"> + {use.others} others</span>}
                </td>
                <td className="whitespace-nowrap px-1">
                  {use.keeps ? "stored" : bits === null ? "–" : bits.toFixed(3)}
                </td>
                <td className="whitespace-nowrap px-1" title={nmse ? rangeWords(nmse) : undefined}>
                  {use.keeps ? "0" : nmse === null ? "–" : formatNumber(nmse.mean, 3)}
                  {broken > 0 && <span className="text-bad"> {broken} broken</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
