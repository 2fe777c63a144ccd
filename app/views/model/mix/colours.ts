/** What the map can be coloured by: figures of the assignment, and every signal of the scores, under each recipe where it asks for one. */
import { signalNamed } from "../../../../kernels/signals/index.ts";
import type { ScoreFile } from "../../../../workers/scores/types.ts";
import type { ColorScale } from "../../../charts/colormap.ts";
import { formatNumber, formatPercent } from "../../../charts/numbers.ts";
import type { Fold } from "./heat.ts";
import type { Assigned } from "./tensors.ts";

export interface Colour {
  /** As the link names it. */
  id: string;
  title: string;
  /** What the legend and the readout say behind a figure; empty for none. */
  unit: string;
  values: Float64Array;
  /** How several tensors become one cell, layer or role. */
  fold: Fold;
  /** Whether colours follow the logarithm, where all figures allow it. */
  log: boolean;
  format(value: number): string;
}

const bits = (v: number) => v.toFixed(2);
const figure = (v: number) => formatNumber(v, 3);

export const ofAssignment = [
  { id: "", title: "bits assigned" },
  { id: "share", title: "share of the error" },
  { id: "bytes", title: "share of the bytes" },
  { id: "gain", title: "gain a bit" },
] as const;

/** The id of a signal's colours. */
export const signalColour = (signal: string, recipe: string | null): string =>
  recipe === null ? `=${signal}` : `=${signal}=${recipe}`;

/** A signal under a recipe of the scores; null where they have none such. */
function signalColours(id: string, scores: ScoreFile): Colour | null {
  const [, name, recipe] = /^=([^=]+)(?:=(.+))?$/.exec(id) ?? [];
  const found = name !== undefined && Object.hasOwn(scores.signals, name) ? scores.signals[name] : null;
  if (!found) return null;
  const single = found.values.every((row) => row.length === 1) && !(signalNamed(name)?.byRecipe ?? true);
  const column = recipe === undefined ? (single ? 0 : -1) : scores.recipes.indexOf(recipe);
  if (column < 0) return null;
  const values = Float64Array.from(scores.tensors, (_, t) => found.values[t]?.[column] ?? Number.NaN);
  const title = signalNamed(name)?.title ?? name;
  return {
    ...{ id, values, unit: "", fold: "mean" as const, log: true, format: figure },
    title: recipe === undefined ? title : `${title} of ${recipe}`,
  };
}

/** What a link's colours are; else the assignment's bits, or the first signal where nothing is assigned yet. Null where there is nothing. */
export function colourOf(id: string, scores: ScoreFile, assigned: Assigned | null): Colour | null {
  if (id.startsWith("=")) {
    const of = signalColours(id, scores);
    if (of) return of;
  }
  if (!assigned) {
    const [name] = Object.keys(scores.signals);
    if (name === undefined) return null;
    return (
      signalColours(signalColour(name, null), scores) ?? signalColours(signalColour(name, scores.recipes[0]), scores)
    );
  }
  const known = ofAssignment.find((one) => one.id === id) ?? ofAssignment[0];
  const { title } = known;
  switch (known.id) {
    case "share":
      return { id, title, unit: "", values: assigned.errorShare, fold: "sum", log: true, format: formatPercent };
    case "bytes":
      return { id, title, unit: "", values: assigned.byteShare, fold: "sum", log: true, format: formatPercent };
    case "gain":
      return { id, title, unit: "loss a bit", values: assigned.gain, fold: "max", log: true, format: figure };
    default:
      return { id: "", title, unit: "b", values: assigned.bits, fold: "mean", log: false, format: bits };
  }
}

/** From the least to the largest figure that there is; logarithmic where that is asked for and all that is not zero is above it. */
export function scaleOf(values: Float64Array, log: boolean): ColorScale | null {
  let [lo, hi, positive] = [Infinity, -Infinity, Infinity];
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    lo = Math.min(lo, v);
    hi = Math.max(hi, v);
    if (v > 0) positive = Math.min(positive, v);
  }
  if (lo > hi) return null;
  if (log && lo >= 0 && positive < hi) return { kind: "log", lo: positive, hi };
  return { kind: "linear", lo, hi };
}
