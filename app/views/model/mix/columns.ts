/** The columns of the table of tensors, and its rows in order: indices alone, so that half a million sort in a moment. */
import { formatNumber, formatPercent, formatShortCount } from "../../../charts/numbers.ts";
import type { Assigned, MixTensors } from "./tensors.ts";

export interface TableOf {
  tensors: MixTensors;
  /** Null before there is an assignment. */
  assigned: Assigned | null;
  /** Names of choices. */
  choices: readonly string[];
}

export interface Column {
  key: string;
  label: string;
  describe: string;
  /** Pixels at least, and its share of what is left. */
  least: number;
  share: number;
  /** Set at the left, as texts are. */
  words?: boolean;
  /** Falls when it is first sorted by. */
  down?: boolean;
  /** What it is sorted by; NaN comes last either way. */
  value(of: TableOf): ArrayLike<number>;
  text(of: TableOf, i: number): string;
}

/** Places in the order of texts, equal ones alike. */
function ranks(texts: readonly string[]): Uint32Array {
  const own = [...new Set(texts)];
  if (own.length > MANY_NAMES) own.sort();
  else own.sort((a, b) => collator.compare(a, b));
  const known = new Map(own.map((text, rank) => [text, rank]));
  return Uint32Array.from(texts, (text) => known.get(text)!);
}

const collator = new Intl.Collator("en", { numeric: true });
/** Of so many names the order that people expect takes seconds, and that of their characters does not. */
const MANY_NAMES = 50_000;

const nameRanks = new WeakMap<MixTensors, Uint32Array>();
function rankOfNames(tensors: MixTensors): Uint32Array {
  const known = nameRanks.get(tensors);
  if (known) return known;
  const made = ranks(tensors.names);
  nameRanks.set(tensors, made);
  return made;
}

const NONE = new Float64Array(0);

export const recipeOf = ({ assigned, choices }: TableOf, i: number): string | null => {
  if (!assigned) return null;
  const choice = assigned.choice[i];
  return choice < 0 ? "keep" : choices[choice];
};

/** Of half a million tensors a share is far below what a percentage usually is said to. */
const shareWords = (share: number): string =>
  share > 0 && share < 1e-4 ? `${formatNumber(100 * share, 2)} %` : formatPercent(share);

const cell = (value: number | undefined, format: (v: number) => string): string =>
  value === undefined || Number.isNaN(value) ? "–" : format(value);

export const columns: readonly Column[] = [
  {
    ...{ key: "name", label: "tensor", describe: "As the source names it.", least: 132, share: 4, words: true },
    value: ({ tensors }) => rankOfNames(tensors),
    text: ({ tensors }, i) => tensors.names[i],
  },
  {
    ...{ key: "layer", label: "layer", describe: "Counted from 0.", least: 48, share: 0 },
    value: ({ tensors }) => tensors.layer,
    text: ({ tensors }, i) => (tensors.layer[i] >= 0 ? String(tensors.layer[i]) : tensors.layered ? "ends" : "–"),
  },
  {
    ...{ key: "role", label: "role", describe: "What it does in its layer.", least: 76, share: 1, words: true },
    value: ({ tensors }) => tensors.role,
    text: ({ tensors }, i) => tensors.roles[tensors.role[i]],
  },
  {
    ...{ key: "elements", label: "values", describe: "How many there are.", least: 56, share: 0, down: true },
    value: ({ tensors }) => tensors.elements,
    text: ({ tensors }, i) => formatShortCount(tensors.elements[i]),
  },
  {
    ...{ key: "recipe", label: "recipe", describe: "What the mix gives it.", least: 108, share: 2, words: true },
    value: ({ assigned }) => assigned?.choice ?? NONE,
    text: (of, i) => recipeOf(of, i) ?? "–",
  },
  {
    ...{ key: "bits", label: "bits", describe: "Bits a value, scales included.", least: 52, share: 0, down: true },
    value: ({ assigned }) => assigned?.bits ?? NONE,
    text: ({ assigned }, i) => cell(assigned?.bits[i], (v) => v.toFixed(2)),
  },
  {
    ...{
      key: "share",
      label: "of error",
      describe: "Its share of the sum of losses.",
      least: 78,
      share: 0,
      down: true,
    },
    value: ({ assigned }) => assigned?.errorShare ?? NONE,
    text: ({ assigned }, i) => cell(assigned?.errorShare[i], shareWords),
  },
  {
    ...{
      key: "bytes",
      label: "of bytes",
      describe: "Its share of what is chosen for.",
      least: 64,
      share: 0,
      down: true,
    },
    value: ({ assigned }) => assigned?.byteShare ?? NONE,
    text: ({ assigned }, i) => cell(assigned?.byteShare[i], shareWords),
  },
  {
    ...{ key: "gain", label: "gain a bit", least: 80, share: 0, down: true },
    describe: "Loss that the best larger recipe takes off, for each bit of the file that it adds.",
    value: ({ assigned }) => assigned?.gain ?? NONE,
    text: ({ assigned }, i) => cell(assigned?.gain[i], (v) => formatNumber(v, 2)),
  },
];

export interface Sorting {
  key: string;
  down: boolean;
}

export const readSorting = (text: string): Sorting => {
  const down = text.startsWith("-");
  const key = down ? text.slice(1) : text;
  return columns.some((column) => column.key === key) ? { key, down } : { key: "name", down: false };
};

export const printSorting = ({ key, down }: Sorting): string => `${down ? "-" : ""}${key}`;

/** Indices of the tensors that are shown, in order: by a column, then as the source has them; what has no figure comes last. */
export function sortedRows(of: TableOf, { key, down }: Sorting, shown: Uint8Array | null): Uint32Array {
  const { count } = of.tensors;
  const values = columns.find((column) => column.key === key)?.value(of) ?? NONE;
  const rows = new Uint32Array(count);
  let n = 0;
  for (let i = 0; i < count; i++) if (shown === null || shown[i] !== 0) rows[n++] = i;
  const sign = down ? -1 : 1;
  return rows.subarray(0, n).sort((a, b) => {
    const [x, y] = [values[a] ?? Number.NaN, values[b] ?? Number.NaN];
    if (x === y) return a - b;
    const [noX, noY] = [Number.isNaN(x), Number.isNaN(y)];
    if (noX || noY) return noX && noY ? a - b : noX ? 1 : -1;
    return sign * (x - y);
  });
}
