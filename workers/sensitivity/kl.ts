/** KL of the model as it is against the model with one tensor, or one layer's keys and values, quantized, all else as it is. */
import { meanOf } from "../lm/figures/estimate.ts";
import { brokenOf } from "../lm/figures/index.ts";
import { divergences, type Outcome } from "./divergence.ts";
import { firstOf, type Ground } from "./ground.ts";
import type { KnownScore } from "./request.ts";
import type { SignalMaker } from "./signals.ts";

/** What judging a window adds to its way through the layers, as a share of all of them. */
export const JUDGING = 0.45;

/** Windows through the network that changes take: each passes the layers from its first weight on, and is judged. */
export function passesOf(ground: Ground, firsts: readonly number[]): number {
  const { layers } = ground.setup.model.architecture;
  const one = firsts.reduce((sum, first) => sum + (layers - Math.max(0, first)) / layers + JUDGING, 0);
  return one * ground.work.plan.windows;
}

export const klMaker: SignalMaker = {
  passes(ground) {
    const { tensors, recipes, caches, cacheRecipes } = ground;
    const firsts = tensors.map(({ tensor }) => firstOf(ground, [{ tensor, recipe: "" }]));
    const layers = caches.map(({ layer }) => layer);
    return recipes.length * passesOf(ground, firsts) + cacheRecipes.length * passesOf(ground, layers);
  },
  async make(tools) {
    const { sheet, ground } = tools;
    const asked = [...sheet.missing("kl"), ...sheet.missingCaches("kl")];
    await divergences(
      tools,
      asked.map((one) => [one]),
      (index, outcome) => {
        const one = asked[index];
        const tensor = "tensor" in one ? one.tensor : one.cache;
        sheet.put({ signal: "kl", tensor, recipe: one.recipe, ...figureOf(outcome) });
      },
    );
    return aboutKl("this tensor", ground);
  },
};

const UNIT = "), nats a prediction, ";

/** How `what` alone was scored, in a sentence. */
export const aboutKl = (what: string, ground: Ground): string =>
  `KL(model as it is, ${what} alone quantized${UNIT}${onText(ground)}; errors are standard errors over windows`;

/** Whether two of these sentences are of the same windows of the same text: figures of different ones do not quite add up. */
export const onSameText = (a: string, b: string): boolean => a.split(UNIT)[1] === b.split(UNIT)[1];

/** The mean KL with its standard error over windows; none where logits are not finite. */
export function figureOf({ windows, refused }: Outcome): Pick<KnownScore, "value" | "error" | "refused"> {
  if (!windows) return { value: null, error: null, refused };
  const broken = windows.reduce((sum, one) => sum + brokenOf(one), 0);
  if (broken > 0) return { value: null, error: null, refused: `the logits of ${broken} predictions are not finite` };
  const { value, stderr } = meanOf(windows.map(({ kl }) => kl));
  return { value, error: stderr };
}

/** The text and its windows, for the line beside figures. */
export function onText({ work }: Ground): string {
  const { windows, windowsInAll, text } = work.plan;
  const tokens = work.cut.windows[0]?.tokens.length ?? 0;
  return `on ${windows} of ${windowsInAll} windows of ${tokens} tokens of ${text}`;
}
