import { printable } from "../../kernels/text/printable.ts";
import type { Estimate, LmFigures, SideFigures } from "../lm/figures/index.ts";
import type { Continuation, ContinueAnswer, LmAnswer, LmTensor, ModelRecipe, SideAnswer } from "../lm/request.ts";
import { figure, table } from "./table.ts";

interface Run {
  answer: LmAnswer;
  figures: LmFigures;
  tensors: readonly LmTensor[];
}

/** The rules that were given, those that were left out left out. */
const rulesOf = ({ weights, activations, cache }: ModelRecipe) => ({
  recipe: weights,
  ...(activations !== "" && { activationsRecipe: activations }),
  ...(cache !== "" && { kvRecipe: cache }),
});

const percent = (p: number) => String(Number((100 * p).toPrecision(6)));

function sideJson(figures: SideFigures, answer: SideAnswer) {
  const { nll, perplexity, nllChange, kl, klMedian, klP99, klMax, topOne, change, broken, none } = figures;
  return {
    ...rulesOf(answer.recipe),
    ...{ bitsPerWeight: answer.bitsPerWeight, touched: answer.touched },
    ...{ nll, perplexity, nllChange, kl, klMedian, klP99, klMax, topOne, broken, belowNoise: none },
    probabilityChange: {
      ...{ mean: change.mean, rms: change.rms },
      percentiles: Object.fromEntries(change.places.map(({ p, value }) => [percent(p), value])),
    },
    notes: answer.notes,
  };
}

/** One object: the figures of A on top where there is a recipe, else of the model as it is. */
export function lmJson({ answer, figures, tensors }: Run, model: string) {
  const { plan } = answer;
  const a = figures.a && answer.a ? sideJson(figures.a, answer.a) : null;
  const b = figures.b && answer.b ? sideJson(figures.b, answer.b) : null;
  const base = { bitsPerWeight: answer.bitsPerWeight, ...figures.base };
  const notes = [...answer.notes, ...(plan.overlap ? [plan.overlap] : [])];
  const first = a ?? { recipe: "", ...base, notes: [] };
  return {
    ...{ model, text: plan.text },
    ...{ windows: figures.windows, windowsInAll: plan.windowsInAll, tokens: figures.predictions },
    ...first,
    base,
    ...(b && { b }),
    ...(figures.difference && { difference: figures.difference }),
    noise: answer.noise,
    tensors: tensors.map(({ side, name, recipe, bitsPerWeight, nmse, broken }) => ({
      side,
      name,
      recipe,
      bitsPerWeight,
      nmse,
      broken,
    })),
    ...{ device: answer.about, streamed: plan.streamed, seconds: answer.seconds },
    notes: [...notes, ...first.notes],
  };
}

/** A value with its standard error. */
const cell = ({ value, stderr }: Estimate): string =>
  value === null ? "-" : `${figure(value)}${stderr === null ? "" : ` ± ${Number(stderr.toPrecision(2))}`}`;

/** For people: the model as it is, A and B as rows, then what stands beside them. */
export function lmText({ answer, figures }: Run, model: string): string {
  const { plan } = answer;
  const head = ["", "bits", "nll", "perplexity", "KL", "KL median", "KL p99", "KL max", "same first choice"];
  const none = ["-", "-", "-", "-", "-"];
  const rows = [
    ["as it is", figure(answer.bitsPerWeight), cell(figures.base.nll), cell(figures.base.perplexity), ...none],
  ];
  for (const which of ["a", "b"] as const) {
    const [own, said] = [figures[which], answer[which]];
    if (!own || !said) continue;
    const kl = own.none ? "none" : cell(own.kl);
    rows.push([
      which.toUpperCase(),
      ...[figure(said.bitsPerWeight), cell(own.nll), cell(own.perplexity), kl],
      ...[cell(own.klMedian), cell(own.klP99), cell(own.klMax), cell(own.topOne)],
    ]);
  }
  const { difference: d } = figures;
  if (d) rows.push(["A - B", "", cell(d.nll), "", cell(d.kl), "", "", "", cell(d.topOne)]);
  const sample = plan.windows < plan.windowsInAll ? ` of ${plan.windowsInAll}, drawn` : "";
  const lines = [
    `${model}: ${plan.text}; ${figures.windows} windows${sample}, ${figures.predictions} predictions; nats`,
  ];
  for (const which of ["a", "b"] as const) {
    const said = answer[which];
    if (!said) continue;
    const { weights, activations, cache } = said.recipe;
    const beside = [activations && `activations ${activations}`, cache && `KV cache ${cache}`].filter(Boolean);
    lines.push(
      `${which.toUpperCase()}: ${[weights || "weights as stored", ...beside].join("; ")} (${said.touched} of ${said.weights} tensors)`,
    );
  }
  const notes: string[] = [];
  for (const which of ["base", "a", "b"] as const) {
    const own = figures[which];
    const called = which === "base" ? "the model as it is" : which.toUpperCase();
    if (own && own.broken > 0)
      notes.push(`${own.broken} predictions of ${called} have logits that are not finite: there are no figures of it`);
  }
  if (answer.noise) notes.push(`KL below ${figure(answer.noise.kl)} is none: as much comes of another order of sums`);
  if (plan.overlap) notes.push(plan.overlap);
  if (plan.streamed) notes.push("the model passed layer by layer, since it does not fit the memory allowed");
  notes.push(
    ...answer.notes,
    ...(answer.a?.notes ?? []),
    ...(answer.b?.notes ?? []),
    `${answer.about}, ${answer.seconds.toFixed(1)} s`,
  );
  const right = head.filter((name) => name !== "");
  return `${lines.map(printable).join("\n")}\n\n${table(head, rows, right)}\n${changes(figures)}${notes.map((note) => `note: ${printable(note)}\n`).join("")}`;
}

/** The change of the right token's probability, as llama-perplexity prints it: percent. */
function changes({ a, b }: LmFigures): string {
  const sides = [a, b].filter((one) => one !== null);
  if (sides.length === 0) return "";
  const name = (p: number) => (p === 1 ? "largest" : p === 0 ? "least" : p === 0.5 ? "median" : `${percent(p)} %`);
  const share = ({ value, stderr }: Estimate): Estimate => ({
    value: value === null ? null : 100 * value,
    stderr: stderr === null ? null : 100 * stderr,
  });
  const head = ["change of p, percent", ...(a ? ["A"] : []), ...(b ? ["B"] : [])];
  const rows = [
    ["mean", ...sides.map(({ change }) => cell(share(change.mean)))],
    ["RMS", ...sides.map(({ change }) => cell(share(change.rms)))],
    ...sides[0].change.places.map(({ p }, i) => [
      name(p),
      ...sides.map(({ change }) => cell(share(change.places[i].value))),
    ]),
  ];
  return `${table(head, rows, head.slice(1))}\n`;
}

const ENDS: Record<Continuation["end"], string> = {
  length: "as long as asked for",
  stop: "the model ended it",
  positions: "the model has no more positions",
  broken: "its logits are not finite",
};

export function continuationText({ prompt, base, a, b, notes }: ContinueAnswer): string {
  const one = (name: string, own: Continuation | null): string[] => {
    if (!own) return [];
    const differs = own.differs === null ? "the same" : `differs from token ${own.differs + 1} on`;
    const said = name === "as it is" ? ENDS[own.end] : `${differs}; ${ENDS[own.end]}`;
    return [`${name} (${own.tokens.length} tokens, ${said}):`, JSON.stringify(own.text)];
  };
  const lines = [JSON.stringify(prompt.text), ...one("as it is", base), ...one("A", a), ...one("B", b)];
  return `${[...lines, ...notes.map((note) => `note: ${note}`)].map(printable).join("\n")}\n`;
}

export function continuationJson(
  { prompt, base, a, b, notes }: ContinueAnswer,
  recipeA: ModelRecipe | null,
  recipeB: ModelRecipe | null,
) {
  const one = (own: Continuation | null, recipe: ModelRecipe | null) =>
    own && {
      ...(recipe && rulesOf(recipe)),
      tokens: [...own.tokens],
      text: own.text,
      differs: own.differs,
      end: own.end,
    };
  return {
    prompt: { tokens: [...prompt.tokens], text: prompt.text },
    base: one(base, null),
    ...(a && { a: one(a, recipeA) }),
    ...(b && { b: one(b, recipeB) }),
    notes,
  };
}
