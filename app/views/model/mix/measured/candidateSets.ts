/** What can be measured of the mix on the screen, as model recipes. */
import { KEEP } from "../../../../../kernels/notation/index.ts";
import { rulesOf } from "../../../../../workers/mixes/rules.ts";
import type { MixInView } from "../panel.ts";
import { neighboursOf, rivalsOf, uniformsOf } from "./candidates.ts";
import type { Candidate } from "./store.ts";

export type SetName = "neighbour" | "uniform" | "named" | "file";

export interface CandidateSets extends Record<SetName, Candidate[]> {
  mix: Candidate;
}

type Seen = Pick<MixInView, "table" | "frontier" | "point" | "size" | "rules" | "assigned">;

/** Null before there is a mix. `more` are other assignments that somebody brought. */
export function candidateSets(
  { table, frontier, point, size, rules, assigned }: Seen,
  more: Pick<CandidateSets, "named" | "file"> = { named: [], file: [] },
): CandidateSets | null {
  if (!table || !frontier || !size || !assigned || rules === null || point < 0) return null;
  const { items, choices } = table;
  const given = (choice: ArrayLike<number>): Map<string, string> =>
    new Map(items.map(({ name }, i) => [name, choice[i] < 0 ? KEEP : choices[choice[i]]]));
  const words = (bits: number) => `${((bits - size.cacheBits) / size.elements).toFixed(3)} b`;
  const candidate = (
    kind: Candidate["kind"],
    label: string,
    choice: ArrayLike<number>,
    notes: string[] = [],
  ): Candidate => {
    const own = given(choice);
    const text = rulesOf([...own].map(([name, recipe]) => ({ name, recipe })));
    return { kind, label, rules: text, assigned: own, notes };
  };
  const uniforms = uniformsOf(table, size.fixedBits + size.cacheBits);
  return {
    ...more,
    mix: {
      kind: "mix",
      label: `mix at ${words(frontier.bits[point])}`,
      rules,
      assigned: given(assigned.choice),
      notes: [],
    },
    neighbour: neighboursOf(frontier, point).map((at) =>
      candidate("neighbour", `mix at ${words(frontier.bits[at])}`, frontier.at(at).choice),
    ),
    uniform: rivalsOf(uniforms, frontier.bits[point]).map(({ choice, choices: own, kept }) =>
      candidate(
        "uniform",
        `${choices[choice]} everywhere`,
        own,
        kept > 0
          ? [`${kept.toLocaleString("en")} ${kept === 1 ? "tensor" : "tensors"} cannot take it and are kept`]
          : [],
      ),
    ),
  };
}
