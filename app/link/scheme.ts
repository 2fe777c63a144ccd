/** What a page's links hold beside the tensor and the recipes: its views, and what views and panels keep. */
import type * as v from "valibot";
import type { Experiment } from "../state/experiment.ts";
import type { Part } from "../state/part.ts";
import { ownKeys } from "./keys.ts";

/** How one field of a part stands in a link and in a file. */
export interface Field<V = unknown> {
  /** In the link; no two fields of a page share one. */
  key: string;
  /** What it is to a person: "the zoom". */
  what: string;
  /** What comes from outside is checked by it. */
  schema: v.GenericSchema<unknown, V>;
  /** Whether the key may stand in a link several times. */
  several?: boolean;
  /** Unescaped texts, each under the key; none for what is not written. */
  print(value: V): readonly string[];
  /** Plain data for the schema, which refuses what could not be read. There is one text at least. */
  parse(texts: readonly string[]): unknown;
}

/** How a part of an experiment stands in a link and in a file. */
export interface LinkPart<T extends object = object> {
  part: Part<T>;
  /** What it is to a person. */
  what: string;
  fields: { readonly [K in keyof T]: Field<T[K]> };
  /** Fields that are written although they are as in the beginning, so that the link stays what it is whatever newcomers see by then. */
  written?(experiment: Experiment): readonly string[];
  /** Puts right what fields that make sense alone do not make together, and names what was left out. */
  mended?(state: T): { some: Partial<T>; dropped: string[] };
  /** Where the part stands in an experiment of a file's first version. */
  earlier?(experiment: Record<string, unknown>): unknown;
}

/** The fields of a part by their names in it, for whoever knows nothing else of it. */
export const fieldsOf = ({ fields }: LinkPart): [string, Field][] => Object.entries(fields as Record<string, Field>);

export interface Scheme {
  /** The names of the views, the first one first. */
  tabs: readonly string[];
  parts: readonly LinkPart[];
  /** The fields by their keys. */
  fields: ReadonlyMap<string, Field>;
}

/** Throws where two fields, or two parts, have one name: they could not be told apart. */
export function createScheme(tabs: readonly string[], parts: readonly LinkPart[]): Scheme {
  const fields = parts.flatMap(fieldsOf).map(([, field]) => field);
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const ids = new Set(parts.map(({ part }) => part.id));
  const taken = fields.some(({ key }) => ownKeys.includes(key));
  if (taken || byKey.size < fields.length || ids.size < parts.length)
    throw new Error("Two parts of a link have one name.");
  return { tabs, parts, fields: byKey };
}
