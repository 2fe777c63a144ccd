/** How a link writes a source. */

import type { RawSpec } from "../../workers/checkpoints/raw.ts";
import type { Fingerprint } from "../../workers/sources/info.ts";
import type { GeneratorSpec } from "../../workers/sources/spec.ts";
import type { SourceRef } from "../state/experiment.ts";

/** `normal(64x128,seed=7,df=3)` */
function printGenerator(g: GeneratorSpec): string {
  const params = Object.entries(g.params).map(([key, value]) => `,${key}=${value}`);
  return `${g.name}(${g.rows}x${g.cols},seed=${g.seed}${params.join("")})`;
}

function parseGenerator(text: string): unknown {
  const whole = /^([^()]*)\((\d+)x(\d+),seed=(\d+)((?:,[^=,()]+=[^=,()]+)*)\)$/.exec(text);
  if (!whole) return null;
  const pairs = whole[5].split(",").slice(1);
  const params = Object.fromEntries(pairs.map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])]));
  return { name: whole[1], rows: Number(whole[2]), cols: Number(whole[3]), seed: Number(whole[4]), params };
}

/** `f32,64x128,0,le` */
const printRaw = (raw: RawSpec): string =>
  [raw.dtype, printShape(raw.shape), raw.offset, raw.littleEndian ? "le" : "be"].join(",");

function parseRaw(text: string): unknown {
  const whole = /^([^,]*),([^,]*),(\d+),(le|be)$/.exec(text);
  if (!whole) return null;
  return { dtype: whole[1], shape: parseShape(whole[2]), offset: Number(whole[3]), littleEndian: whole[4] === "le" };
}

/** `64x128`; a scalar is the empty text. */
export const printShape = (shape: readonly number[]): string => shape.join("x");

/** null where the text is no shape. */
export function parseShape(text: string): number[] | null {
  if (text === "") return [];
  return /^\d+(x\d+)*$/.test(text) ? text.split("x").map(Number) : null;
}

export const printFile = (f: Fingerprint): string => `file:${f.digest}:${f.size}:${f.name}`;

/** Plain data of a file's text; null where it is none. */
export function parseFile(text: string): unknown {
  const whole = /^file:([^:]*):(\d+):([\s\S]*)$/.exec(text);
  return whole ? { digest: whole[1], size: Number(whole[2]), name: whole[3] } : null;
}

/** The parts of a link that hold a source, as pairs of key and unescaped text. */
export function printSource(source: SourceRef): [string, string][] {
  const twin: [string, string][] = "twin" in source && source.twin ? [["twin", source.twin]] : [];
  return [...printPlain(source), ...twin];
}

function printPlain(source: SourceRef): [string, string][] {
  switch (source.kind) {
    case "sample":
      return [["s", `sample:${source.id}`]];
    case "generator":
      return [["s", `gen:${printGenerator(source.generator)}`]];
    case "text":
      return [["s", `text:${source.text}`]];
    case "files": {
      const files: [string, string][] = source.fingerprints.map((f) => ["s", printFile(f)]);
      if (files.length === 0) files.push(["s", "files:"]);
      return source.raw ? [...files, ["raw", printRaw(source.raw)]] : files;
    }
    case "url":
      return [["s", `url:${source.url}`]];
  }
}

/** Plain data to be checked by the schema; `null` where the texts name no source. */
export function parseSource(texts: string[], raw: string | undefined, twin?: string): unknown {
  const plain = parsePlain(texts, raw);
  return plain && twin !== undefined ? { ...plain, twin } : plain;
}

function parsePlain(texts: string[], raw: string | undefined): object | null {
  const [first = ""] = texts;
  const colon = first.indexOf(":");
  const rest = first.slice(colon + 1);
  switch (first.slice(0, colon)) {
    case "sample":
      return { kind: "sample", id: rest };
    case "gen":
      return { kind: "generator", generator: parseGenerator(rest) };
    case "text":
      return { kind: "text", text: rest };
    case "url":
      return { kind: "url", url: rest };
    case "files":
    case "file": {
      const fingerprints = texts.filter((t) => t !== "files:").map(parseFile);
      return { kind: "files", fingerprints, ...(raw === undefined ? {} : { raw: parseRaw(raw) }) };
    }
    default:
      return null;
  }
}
