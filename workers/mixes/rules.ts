/**
 * An assignment as rules of a model recipe, few and readable: one for all tensors whose names differ by numbers alone, after rules for
 * those of them that get something else.
 */
import { KEEP, MAX_MODEL_TEXT, matchesPattern } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { patternsOf } from "./numbers.ts";

export interface Assigned {
  name: string;
  /** Canonical, or "keep". */
  recipe: string;
}

/** A name as texts and numbers in turn: those of layers and experts, which stand between dots. */
interface Split {
  texts: string[];
  numbers: string[];
}

function split(name: string): Split {
  const pieces = name.split(/(?<=^|[./])(\d+)(?=[./]|$)/);
  return { texts: pieces.filter((_, i) => i % 2 === 0), numbers: pieces.filter((_, i) => i % 2 === 1) };
}

/** Characters that a pattern cannot have stand for any one. */
const literal = (text: string): string => text.replace(/[^A-Za-z0-9\-._~!$&'*+:@/?]/g, "?");

interface Member {
  numbers: string[];
  recipe: string;
}

/** Names that differ by their numbers alone. */
interface Group {
  texts: string[];
  /** A pattern that matches them all. */
  wide: string;
  /** Indices into the names, and the numbers of each. */
  members: { at: number; numbers: string[] }[];
}

/** Names looked at once, for whoever writes rules of them again and again. */
export interface NameGroups {
  names: readonly string[];
  groups: Group[];
  /** Of each name: its own group, and others whose wide patterns match it, too. */
  matching: number[][];
}

export function nameGroups(names: readonly string[]): NameGroups {
  const byTexts = new Map<string, { group: Group; index: number }>();
  const own = names.map((name, at) => {
    const { texts, numbers } = split(name);
    const key = texts.join("\0");
    let found = byTexts.get(key);
    if (!found) {
      const literals = texts.map(literal);
      found = { group: { texts: literals, wide: literals.join("*"), members: [] }, index: byTexts.size };
      byTexts.set(key, found);
    }
    found.group.members.push({ at, numbers });
    return found.index;
  });
  const groups = [...byTexts.values()].map(({ group }) => group);
  const tails = groups.map(({ wide }) => wide.slice(wide.lastIndexOf("*") + 1));
  const matching = names.map((name, at) =>
    groups.flatMap(({ wide }, i) =>
      i === own[at] || (endsAlike(name, tails[i]) && matchesPattern(wide, name)) ? [i] : [],
    ),
  );
  return { names, groups, matching };
}

/** Whether a name may end as a pattern without stars does: a quick look before the whole of it. */
const endsAlike = (name: string, tail: string): boolean => tail.includes("?") || name.endsWith(tail);

/**
 * Rules that give each of the tensors its recipe and touch no other of them. Kept ones need no rule, unless one that is wider matches them.
 * Experts of a stack, which scores call `NAME[3]`, are one tensor, and rules speak of that.
 *
 * @throws {UserError} where experts of one stack get different recipes, or where the rules are longer than is read.
 */
export function rulesOf(parts: readonly Assigned[]): string {
  const assigned = stacked(parts);
  return rulesBy(
    nameGroups(assigned.map(({ name }) => name)),
    assigned.map(({ recipe }) => recipe),
  );
}

/** The same for names that are known, none of them an expert of a stack: a recipe for each, in their order. */
export function rulesBy({ names, groups, matching }: NameGroups, recipes: readonly string[]): string {
  const byGroup = groups.map(({ texts, members }): Rule[] => {
    const rules: Rule[] = [];
    const assigned = members.map(({ at, numbers }) => ({ numbers, recipe: recipes[at] }));
    cover(assigned, [], KEEP, (fields, recipe) => {
      rules.push({ pattern: texts.map((text, i) => text + (fields[i] ?? "")).join(""), recipe });
    });
    return rules;
  });
  const rules = byGroup.flat();
  checkLength(rules);
  const all = [...mended(names, recipes, matching, byGroup), ...rules];
  checkLength(all);
  return textOf(all);
}

const EXPERT = /^(.+)\[\d+\]$/;

function stacked(parts: readonly Assigned[]): readonly Assigned[] {
  if (!parts.some(({ name }) => EXPERT.test(name))) return parts;
  const whole = new Map<string, Assigned>();
  for (const { name: own, recipe } of parts) {
    const name = EXPERT.exec(own)?.[1] ?? own;
    const other = whole.get(name);
    if (other && other.recipe !== recipe)
      throw new UserError(
        `${own} would get ${recipe}, and other experts of ${name} ${other.recipe}: they are one tensor, and a model recipe has one recipe for it. Tie the experts of a layer.`,
      );
    whole.set(name, { name, recipe });
  }
  return [...whole.values()];
}

interface Rule {
  pattern: string;
  recipe: string;
}

const textOf = (rules: readonly Rule[]): string => rules.map(({ pattern, recipe }) => `${pattern}=${recipe}`).join(";");

function checkLength(rules: readonly Rule[]): void {
  const length = rules.reduce((sum, { pattern, recipe }) => sum + pattern.length + recipe.length + 2, 0);
  if (length <= MAX_MODEL_TEXT) return;
  throw new UserError(
    `The assignment takes ${length.toLocaleString("en")} characters as a model recipe, and ${MAX_MODEL_TEXT.toLocaleString("en")} are read: tie tensors, or give fewer of them recipes of their own.`,
  );
}

/**
 * Rules for tensors whose first numbers are `fixed`: exceptions first, then what most of them get. `inherited` is what a later rule gives
 * them anyway.
 */
function cover(
  members: readonly Member[],
  fixed: readonly string[],
  inherited: string,
  emit: (fields: string[], recipe: string) => void,
): void {
  const all = members[0].numbers.length;
  const counts = new Map<string, number>();
  for (const { recipe } of members) counts.set(recipe, (counts.get(recipe) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const usual = counts.get(inherited) === most ? inherited : [...counts].find(([, count]) => count === most)![0];
  const rest = Array.from({ length: all - fixed.length }, () => "*");
  if (counts.size > 1) exceptions(members, fixed, usual, emit);
  if (usual !== inherited) emit([...fixed, ...rest], usual);
}

function exceptions(
  members: readonly Member[],
  fixed: readonly string[],
  usual: string,
  emit: (fields: string[], recipe: string) => void,
): void {
  const depth = fixed.length;
  const byNumber = new Map<string, Member[]>();
  for (const member of members) {
    const list = byNumber.get(member.numbers[depth]) ?? [];
    byNumber.set(member.numbers[depth], list);
    list.push(member);
  }
  // Numbers under which everything is alike share their rules.
  const alike = new Map<string, { numbers: string[]; members: Member[] }>();
  for (const [number, list] of byNumber) {
    if (list.every(({ recipe }) => recipe === usual)) continue;
    const key = JSON.stringify(list.map(({ numbers, recipe }) => [numbers.slice(depth + 1), recipe]));
    const same = alike.get(key) ?? { numbers: [], members: list };
    alike.set(key, same);
    same.numbers.push(number);
  }
  const universe = [...byNumber.keys()];
  for (const { numbers, members: list } of alike.values())
    for (const pattern of patternsOf(numbers, universe)) cover(list, [...fixed, pattern], usual, emit);
}

/** Rules by name, before all others, for tensors that rules of several groups match. */
function mended(
  names: readonly string[],
  recipes: readonly string[],
  matching: readonly number[][],
  byGroup: readonly Rule[][],
): Rule[] {
  return names.flatMap((name, at) => {
    const others = matching[at].length > 1 ? matching[at].filter((group) => byGroup[group].length > 0) : [];
    // A group's own rules give its tensors what they should get.
    if (others.length === 0) return [];
    const rules = others.flatMap((group) => byGroup[group]);
    const hit = rules.find(({ pattern }) => matchesPattern(pattern, name));
    return (hit?.recipe ?? KEEP) === recipes[at] ? [] : [{ pattern: literal(name), recipe: recipes[at] }];
  });
}
