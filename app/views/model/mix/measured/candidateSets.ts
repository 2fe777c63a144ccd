/** What can be measured of the mix on the screen, as model recipes. */
import { KEEP } from "../../../../../kernels/notation/index.ts";
import { UserError } from "../../../../../workers/errors/user-error.ts";
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
  const nameOf = (choice: number) => (choice < 0 ? KEEP : choices[choice]);
  const given = (choice: ArrayLike<number>): Map<string, string> =>
    new Map(items.map(({ name }, i) => [name, nameOf(choice[i])]));
  const words = (bits: number) => `${((bits - size.cacheBits) / size.elements).toFixed(3)} b`;
  const candidate = (
    kind: Candidate["kind"],
    label: string,
    choice: ArrayLike<number>,
    notes: string[] = [],
  ): Candidate[] => {
    const own = given(choice);
    try {
      const text = rulesOf([...own].map(([name, recipe]) => ({ name, recipe })));
      return [{ kind, label, rules: text, assigned: own, notes }];
    } catch (error) {
      // More rules than are read: such a model is not run in a page.
      if (error instanceof UserError) return [];
      throw error;
    }
  };
  const chosen = given(assigned.choice);
  const all = uniformsOf(table, size.fixedBits + size.cacheBits);
  // Where the budget is that of one recipe for all, the mix may be just that.
  const same = all.find((one) => items.every(({ name }, i) => chosen.get(name) === nameOf(one.choices[i])));
  const rivals = rivalsOf(
    all.filter((one) => one !== same),
    frontier.bits[point],
  );
  return {
    ...more,
    mix: {
      kind: "mix",
      label: `mix at ${words(frontier.bits[point])}`,
      rules,
      assigned: chosen,
      notes: same ? [`it is ${choices[same.choice]} everywhere`] : [],
    },
    neighbour: neighboursOf(frontier, point).flatMap((at) =>
      candidate("neighbour", `mix at ${words(frontier.bits[at])}`, frontier.at(at).choice),
    ),
    uniform: rivals.flatMap(({ choice, choices: own, kept }) =>
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
