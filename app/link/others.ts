/** How a link writes the checkpoints beside the source: each part begins with the number that `given` calls it by. */
import type { Other } from "../state/experiment.ts";
import { parseSource, printSource } from "./source.ts";

/** Keys of the parts: the source, how its raw file is read, its twin, a pair chosen by hand. */
export const otherKeys = { source: "o", raw: "oraw", twin: "otwin", pair: "op" } as const;

/** Pairs of key and unescaped text for the checkpoint that stands at `index`. */
export function printOther({ source, chosen }: Other, index: number): [string, string][] {
  const number = index + 1;
  const parts = printSource(source).map(([key, value]): [string, string] => [
    key === "raw" ? otherKeys.raw : key === "twin" ? otherKeys.twin : otherKeys.source,
    `${number}:${value}`,
  ]);
  const pairs = Object.entries(chosen).map((pair): [string, string] => [
    otherKeys.pair,
    `${number}:${JSON.stringify(pair)}`,
  ]);
  return [...parts, ...pairs];
}

/** Texts by the number before their colon. */
function byNumber(texts: readonly string[] = []): Map<number, string[]> {
  const out = new Map<number, string[]>();
  for (const text of texts) {
    const [, number, rest] = /^(\d+):(.*)$/s.exec(text) ?? [];
    if (number === undefined) continue;
    const those = out.get(Number(number));
    if (those) those.push(rest);
    else out.set(Number(number), [rest]);
  }
  return out;
}

function parsePair(text: string): [string, string] | null {
  try {
    const pair: unknown = JSON.parse(text);
    if (Array.isArray(pair) && pair.length === 2 && pair.every((name) => typeof name === "string")) {
      return [pair[0], pair[1]];
    }
  } catch {
    // Damaged: left out below.
  }
  return null;
}

/** What stands in a link's parts, to be checked by the schema; undefined where a link has no other checkpoint. */
export function parseOthers(parts: ReadonlyMap<string, string[]>): unknown {
  const sources = byNumber(parts.get(otherKeys.source));
  if (sources.size === 0) return undefined;
  const raws = byNumber(parts.get(otherKeys.raw));
  const twins = byNumber(parts.get(otherKeys.twin));
  const pairs = byNumber(parts.get(otherKeys.pair));
  return [...sources]
    .sort(([a], [b]) => a - b)
    .map(([number, texts]) => ({
      source: parseSource(texts, raws.get(number)?.[0], twins.get(number)?.[0]),
      chosen: Object.fromEntries((pairs.get(number) ?? []).map(parsePair).filter((pair) => pair !== null)),
    }));
}
