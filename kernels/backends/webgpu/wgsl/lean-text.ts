import { FOURS } from "./lean-fields.ts";

/** Texts of a kernel, one after the other. */
export const each = <T>(items: readonly T[], text: (item: T) => string) => items.map(text).join("\n");
/** The fours of a thread. */
export const fours = Array.from({ length: FOURS }, (_, k) => k);
/** One function over what each four has. */
export const joined = (name: string, join: string) =>
  fours.map((k) => name + k).reduce((a, b) => `${join}(${a}, ${b})`);
/** A sum of a power of two of terms with few roundings for each. */
export const tree = (terms: string[]): string =>
  terms.length === 1
    ? terms[0]
    : `(${tree(terms.slice(0, terms.length / 2))} + ${tree(terms.slice(terms.length / 2))})`;
/** Whether something holds for any four. */
export const anyOf = (text: (k: number) => string) => fours.map(text).join(" | ");
