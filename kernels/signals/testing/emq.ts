/** What EMQ claims, on layers of which everything is stated and configurations whose losses are measured. */
import { type Evolved, evolve } from "../emq/evolve.ts";
import { parseProxy, printProxy } from "../emq/expression.ts";
import { statedProblem } from "./layers-to-rank.ts";

let evolving: Promise<Evolved> | null = null;
const evolved = (): Promise<Evolved> => {
  evolving ??= evolve(statedProblem(), { seed: 2, generations: 250 });
  return evolving;
};

/** Mean of Spearman@20, 50 and 100 % on configurations that were held out: the evolved proxy's less the best built-in one's. */
export async function gain(): Promise<number> {
  const { best, builtIn } = await evolved();
  return best.heldOut.mean! - Math.max(...builtIn.map(({ heldOut }) => heldOut.mean!));
}

/** The same less that of the size alone. */
export async function overSize(): Promise<number> {
  const { best, builtIn } = await evolved();
  return best.heldOut.mean! - builtIn.find(({ name }) => name === "size")!.heldOut.mean!;
}

/** Spearman's correlation over all that was held out. */
export const correlation = async (): Promise<number> => (await evolved()).best.heldOut.at[2].value!;

/** Whether the formula is told by its text: 1 where reading and printing give it again. */
export async function told(): Promise<number> {
  const { text } = (await evolved()).best;
  return printProxy(parseProxy(text)) === text ? 1 : 0;
}
