/** Scores of a model, and the mix that was made of them, for people and as JSON. */
import { lossError } from "../../kernels/allocation/marginal.ts";
import { STORED } from "../../kernels/allocation/types.ts";
import { uniformAssignments } from "../../kernels/allocation/uniform.ts";
import { sharesItsSample, signalNamed } from "../../kernels/signals/index.ts";
import { printable } from "../../kernels/text/printable.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { intervalFactor } from "../scores/sample.ts";
import { fixedBitsOf, tableOf } from "../scores/table.ts";
import type { CacheScores, ScoreFile, ScoresPlan } from "../scores/types.ts";
import type { FoundCache, FoundMix } from "./model-mix.ts";
import { figure, table } from "./table.ts";

/** More tensors than this are summed up by role. */
const MOST_LINES = 512;

/** What will be read, before anything is. */
export function planLines(plan: ScoresPlan, done: number, left: number): string[] {
  const { tensors, share, bytesRead, bytesExact, recipes, leftOut, notes } = plan;
  const read =
    share < 1
      ? `${formatBytes(bytesRead)} (${percent(bytesRead / bytesExact)}); an exact answer would read ${formatBytes(bytesExact)}`
      : `all of ${formatBytes(bytesExact)}`;
  return [
    `${tensors.length} tensors x ${recipes.length} recipes, reading ${read}`,
    ...(done > 0 ? [`${done} of them are known from the scores, ${left} are left`] : []),
    ...leftOut.map(
      ({ why, names, elements }) =>
        `not scored: ${names} ${names === 1 ? "tensor" : "tensors"} of ${figure(elements)} values (${why})`,
    ),
    ...notes.map((note) => `note: ${note}`),
  ];
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;

/** A recipe on every tensor that takes it. */
interface Uniform {
  recipe: string;
  bits: number;
  loss: number;
  /** Null where it is not known of some of the tensors. */
  deviation: number | null;
  /** Tensors that stay as stored, since they do not take it. */
  without: number;
  /** Whether all figures in it are of whole tensors, and known without an error. */
  exact: boolean;
}

function uniforms(scores: ScoreFile, signal: string): Uniform[] {
  const table = tableOf(scores, signal, { keep: false });
  const { choices, loss } = table;
  const errors = scores.signals[signal].error;
  return uniformAssignments(table, fixedBitsOf(scores)).map(({ of, ...found }) => {
    const taken = [...found.choice.keys()].filter((t) => found.choice[t] !== STORED);
    const error = lossError(table, found, sharesItsSample(signal)) ?? 0;
    // A tensor of zeros loses nothing, without an error.
    const known = taken.every((t) => loss[t * choices.length + of] === 0 || (errors?.[t][of] ?? null) !== null);
    return {
      recipe: choices[of],
      bits: found.bits,
      loss: found.loss,
      deviation: known ? error : null,
      without: found.without,
      exact: known && error === 0 && taken.every((t) => scores.tensors[t].exact[of]),
    };
  });
}

const elementsOf = ({ tensors, leftOut = [] }: ScoreFile): number =>
  [...tensors, ...leftOut].reduce((sum, { elements }) => sum + elements, 0);

/** For people: each recipe on all tensors, then the mix. */
export function scoresText(scores: ScoreFile, found: FoundMix | null, signal: string): string {
  const alike = signalNamed(signal)?.byRecipe === false;
  const parts = alike ? [alone(scores, signal)] : [everywhere(scores, signal)];
  if (scores.cache) parts.push(cacheEverywhere(scores.cache));
  if (found) parts.push(mixText(scores, found, signal));
  return parts.join("\n");
}

function everywhere(scores: ScoreFile, signal: string): string {
  const elements = elementsOf(scores);
  const rows = uniforms(scores, signal).map(({ recipe, bits, loss, deviation, without, exact }) => [
    (bits / elements).toFixed(3),
    figure(loss),
    exact ? "exact" : deviation === null ? "-" : figure(deviation),
    without > 0 ? `${recipe}  (${without === 1 ? "1 tensor does" : `${without} tensors do`} not take it)` : recipe,
  ]);
  return `each recipe on all tensors (${signal}, of all tensors as one)\n${table(["bits a weight", signal, "std. error", "recipe"], rows, ["bits a weight", signal, "std. error"])}`;
}

/** Each recipe on the keys and values of all layers. */
function cacheEverywhere({ context, recipes, layers, signals }: CacheScores): string {
  const rows = recipes.map((recipe, r) => {
    const taken = layers.map(({ refused }, l) => refused[r] === null && signals.kl?.values[l][r] != null);
    const without = taken.filter((one) => !one).length;
    const bits = layers.reduce((sum, one, l) => sum + (taken[l] ? one.bits[r]! : one.storedBits), 0);
    const kl = taken.reduce((sum, one, l) => sum + (one ? signals.kl.values[l][r]! : 0), 0);
    const more = without > 0 ? `  (${without === 1 ? "1 layer does" : `${without} layers do`} not take it)` : "";
    return [formatBytes(Math.ceil(bits / 8)), figure(kl), `${recipe}${more}`];
  });
  const head = `each recipe on the keys and values of all layers, ${context} tokens (kl, one layer at a time, added up)`;
  return `${head}\n${table(["size", "kl", "recipe"], rows, ["size", "kl"])}`;
}

/** A signal that knows no recipes: the tensors in the order of it. */
function alone({ tensors, signals }: ScoreFile, signal: string): string {
  const values = signals[signal]?.values ?? [];
  const order = tensors.map((_, t) => t).sort((a, b) => (values[b]?.[0] ?? -Infinity) - (values[a]?.[0] ?? -Infinity));
  const rows = order.slice(0, MOST_LINES).map((t) => [figure(values[t]?.[0]), tensors[t].name]);
  return table([signal, "tensor"], rows, [signal]);
}

function mixText(scores: ScoreFile, found: FoundMix, signal: string): string {
  const { tensors, signals, recipes } = scores;
  const { loss, bits, cacheBits, elements, gap, fresh, notes, rules } = found;
  const lines = [
    `the best mix: ${(bits / elements).toFixed(4)} bits a weight, ${formatBytes(Math.ceil(bits / 8))}${cacheBits > 0 ? ` with ${formatBytes(Math.ceil(cacheBits / 8))} of keys and values` : ""}`,
    `${signal} ${figure(loss)}, ${gap === 0 ? "the least there is" : `at most ${figure(gap)} above the least`}`,
  ];
  if (fresh && fresh.tensors > 0) {
    lines.push(
      `on fresh rows of ${fresh.tensors} tensors: nmse ${figure(fresh.fresh)} +- ${figure(fresh.freshError)}, where the rows that chose it have ${figure(fresh.chosen)} +- ${figure(fresh.chosenError)}`,
    );
  } else if (fresh) lines.push("all rows were read: there are no fresh ones to judge the mix on");
  lines.push(...notes.map((note) => `note: ${note}`), "");
  const body =
    tensors.length <= MOST_LINES
      ? table(
          ["bits", signal, "95 %", "recipe", "tensor"],
          tensors.map(({ name, bits: own, storedBits, elements: n, runs = 0 }, t) => {
            const r = found.choice[t];
            const error = signals[signal].error?.[t]?.[r] ?? null;
            return [
              (((r < 0 ? storedBits : own[r]) ?? 0) / n).toFixed(3),
              r < 0 ? "-" : figure(signals[signal].values[t][r]),
              r < 0 || error === null ? "-" : error === 0 ? "exact" : figure(error * intervalFactor(runs)),
              r < 0 ? "keep" : recipes[r],
              name,
            ];
          }),
          ["bits", signal, "95 %"],
        )
      : byRole(scores, found);
  const cache = found.cache ? `\n${cacheText(found.cache)}` : "";
  return `${lines.map(printable).join("\n")}\n${body}\n${printable(rules)}\n${cache}`;
}

/** What keys and values of each layer got. */
function cacheText({ context, layers, rules, loss }: FoundCache): string {
  const rows = layers.map(({ name, recipe, bits, kl, error }) => [
    formatBytes(Math.ceil(bits / 8)),
    kl === null ? "-" : figure(kl),
    error === null ? "-" : figure(error),
    recipe,
    name,
  ]);
  const head = `keys and values of ${context} tokens: kl ${figure(loss)} of it`;
  const body = table(["size", "kl", "std. error", "recipe", "layer"], rows, ["size", "kl", "std. error"]);
  return `${head}\n${body}\n${rules === "" ? "all in float16" : printable(rules)}\n`;
}

/** How often each recipe was chosen, by role. */
function byRole({ tensors }: ScoreFile, { recipes }: FoundMix): string {
  const counts = new Map<string, number>();
  tensors.forEach(({ role }, t) => {
    const key = JSON.stringify([role, recipes[t]]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  const rows = [...counts].map(([key, n]) => [...(JSON.parse(key) as string[]), String(n)]);
  return table(["role", "recipe", "tensors"], rows, ["tensors"]);
}

/** The same as one object: the scores are those of the file, to the bit. */
export function scoresJson(scores: ScoreFile, plan: ScoresPlan, found: FoundMix | null, signal: string): object {
  const { share, bytesRead, bytesExact, bytesInAll } = plan;
  return {
    ...{ model: scores.source, signal, share, bytesRead, bytesExact, bytesInAll, notes: plan.notes },
    ...(signalNamed(signal)?.byRecipe === false
      ? {}
      : {
          uniform: uniforms(scores, signal).map(({ bits, ...one }) => ({
            ...one,
            bits,
            bitsPerWeight: bits / elementsOf(scores),
          })),
        }),
    mix: found && {
      ...{ rules: found.rules, loss: found.loss, bits: found.bits, bitsPerWeight: found.bits / found.elements },
      ...{ budgetBits: found.budgetBits, cacheBits: found.cacheBits, method: found.method, gap: found.gap },
      ...{ fresh: found.fresh, notes: found.notes, cache: found.cache },
      tensors: scores.tensors.map(({ name }, t) => ({ name, recipe: found.recipes[t] })),
    },
    scores,
  };
}

/** Notes of tensors, each once: with the first that it is of, and how many more. */
export function notesOf({ tensors }: ScoreFile): string[] {
  const found = new Map<string, { first: string; more: number }>();
  for (const { name, notes = [] } of tensors) {
    for (const note of notes) {
      const text = note.startsWith(name) ? note.slice(name.length) : `: ${note}`;
      const known = found.get(text);
      if (known) known.more++;
      else found.set(text, { first: name, more: 0 });
    }
  }
  return [...found].map(([text, { first, more }]) => `${first}${more > 0 ? ` and ${more} more` : ""}${text}`);
}
