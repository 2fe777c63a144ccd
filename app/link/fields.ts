/** The usual kinds of fields of a part of a link. */
import * as v from "valibot";
import type { Range } from "../state/types.ts";
import { numbers } from "./numbers.ts";
import type { Field } from "./scheme.ts";

const range = v.object({ lo: v.pipe(v.number(), v.finite()), hi: v.pipe(v.number(), v.finite()) });

/** A schema with pairs of which the first must be the smaller number. */
export const ordered = <T extends object>(
  schema: v.GenericSchema<unknown, T>,
  pairs: (value: T) => [number, number][],
) =>
  v.pipe(
    schema,
    v.check((value: T) => pairs(value).every(([low, high]) => low < high)),
  );

export const rangeSchema = ordered<Range>(range, ({ lo, hi }) => [[lo, hi]]);

/** One word of several. */
export const choice = <const W extends string>(key: string, what: string, words: readonly W[]): Field<W> => ({
  key,
  what,
  schema: v.picklist(words),
  print: (word) => [word],
  parse: ([text]) => text,
});

export const text = (key: string, what: string): Field<string> => ({
  key,
  what,
  schema: v.string(),
  print: (value) => [value],
  parse: ([first]) => first,
});

/** A text, or nothing. */
export const optionalText = (key: string, what: string): Field<string | null> => ({
  key,
  what,
  schema: v.nullable(v.string()),
  print: (value) => (value === null ? [] : [value]),
  parse: ([first]) => first,
});

export const texts = (key: string, what: string): Field<string[]> => ({
  key,
  what,
  schema: v.array(v.string()),
  several: true,
  print: (values) => values,
  parse: (all) => [...all],
});

/** `1` and `0`; anything else is for the schema to refuse. */
const parseFlag = ([first]: readonly string[]): unknown => ({ "1": true, "0": false })[first] ?? "";

export const flag = (key: string, what: string): Field<boolean> => ({
  key,
  what,
  schema: v.boolean(),
  print: (value) => [value ? "1" : "0"],
  parse: parseFlag,
});

/** A flag, or nothing. */
export const optionalFlag = (key: string, what: string): Field<boolean | null> => ({
  key,
  what,
  schema: v.nullable(v.boolean()),
  print: (value) => (value === null ? [] : [value ? "1" : "0"]),
  parse: parseFlag,
});

/** A whole number from 0 to `most`. */
export const count = (key: string, what: string, most: number): Field<number> => ({
  key,
  what,
  schema: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most)),
  print: (value) => [String(value)],
  parse: ([first]) => Number(first),
});

/** Numbers under names, with colons between them in the link, or nothing. */
export const optionalNumbers = <T extends object>(
  key: string,
  what: string,
  names: readonly (keyof T & string)[],
  schema: v.GenericSchema<unknown, T>,
): Field<T | null> => ({
  key,
  what,
  schema: v.nullable(schema),
  print: (value) => (value === null ? [] : [names.map((name) => value[name]).join(":")]),
  parse: ([first]) => numbers(first, names),
});
