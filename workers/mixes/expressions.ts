/** Sets of names as regular expressions, few and readable: names that differ by numbers alone share one. */
import { addTo } from "./lists.ts";
import { expressionOf } from "./numbers.ts";

const ANY = "\\d+";

interface Split {
  texts: string[];
  numbers: number[];
}

/** A name as texts and numbers in turn: those of layers and experts, which stand between dots. */
function split(name: string): Split {
  const pieces = name.split(/(?<=^|[./])(0|[1-9]\d{0,8})(?=[./]|$)/);
  return {
    texts: pieces.filter((_, i) => i % 2 === 0),
    numbers: pieces.filter((_, i) => i % 2 === 1).map(Number),
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * Regular expressions, without anchors, that match all of `chosen` and none of the other names in `all` when they have to match a whole
 * name. ECMAScript, Python and std::regex read them alike.
 */
export function expressionsOf(chosen: readonly string[], all: readonly string[]): string[] {
  const groups = new Map<string, { texts: string[]; own: number[][]; all: number[][] }>();
  const groupOf = (name: string) => {
    const { texts, numbers } = split(name);
    const key = JSON.stringify(texts);
    const group = groups.get(key) ?? { texts, own: [], all: [] };
    groups.set(key, group);
    return { group, numbers };
  };
  for (const name of chosen) {
    const { group, numbers } = groupOf(name);
    group.own.push(numbers);
  }
  for (const name of all) {
    const { group, numbers } = groupOf(name);
    group.all.push(numbers);
  }
  return [...groups.values()]
    .filter(({ own }) => own.length > 0)
    .flatMap(({ texts, own, all }) =>
      fieldsOf(own, all).map((fields) => texts.map((text, i) => escaped(text) + (fields[i] ?? "")).join("")),
    );
}

/** Expressions for each number of the names in turn; several lists where no one fits. */
function fieldsOf(own: readonly number[][], all: readonly number[][]): string[][] {
  if (own[0].length === 0) return [[]];
  const rests = new Map<string, { first: number[]; own: number[][] }>();
  for (const [first, list] of byFirst(own)) {
    const key = JSON.stringify(list);
    const same = rests.get(key) ?? { first: [], own: list };
    rests.set(key, same);
    same.first.push(first);
  }
  const whole = byFirst(all);
  return [...rests.values()].flatMap(({ first, own: rest }) => {
    const among = first.flatMap((one) => whole.get(one)!);
    const pattern = first.length > 1 && first.length === whole.size ? ANY : expressionOf(first);
    return fieldsOf(rest, among).map((fields) => [pattern, ...fields]);
  });
}

function byFirst(numbers: readonly number[][]): Map<number, number[][]> {
  const map = new Map<number, number[][]>();
  for (const [first, ...rest] of numbers) {
    addTo(map, first, rest);
  }
  return map;
}
