/**
 * An assignment as rules of a model recipe, few and readable: one for all tensors whose names differ by numbers alone, after rules for
 * those of them that get something else.
 */
import { KEEP, MAX_MODEL_TEXT, type ModelRule, matchRule } from "../../kernels/notation/index.ts";
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

interface Member extends Assigned {
  numbers: string[];
}

/**
 * Rules that give each of the tensors its recipe and touch no other of them. Kept ones need no rule, unless one that is wider matches them.
 * Experts of a stack, which scores call `NAME[3]`, are one tensor, and rules speak of that.
 *
 * @throws {UserError} where experts of one stack get different recipes, or where the rules are longer than is read.
 */
export function rulesOf(parts: readonly Assigned[]): string {
  const assigned = stacked(parts);
  const groups = new Map<string, { texts: string[]; members: Member[] }>();
  for (const { name, recipe } of assigned) {
    const { texts, numbers } = split(name);
    const key = JSON.stringify(texts);
    const group = groups.get(key) ?? { texts: texts.map(literal), members: [] };
    groups.set(key, group);
    group.members.push({ name, recipe, numbers });
  }
  const written: Written[] = [];
  for (const { texts, members } of groups.values()) {
    const print = (fields: readonly string[]) => texts.map((text, i) => text + (fields[i] ?? "")).join("");
    const rules: Rule[] = [];
    cover(members, [], KEEP, (fields, recipe) => rules.push({ pattern: print(fields), recipe }));
    if (rules.length > 0) written.push({ wide: print(members[0].numbers.map(() => "*")), rules });
  }
  const rules = written.flatMap((group) => group.rules);
  checkLength(rules);
  const all = [...mended(written, assigned), ...rules];
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

/** The rules of a group, and a pattern that matches all that they match. */
interface Written {
  wide: string;
  rules: Rule[];
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
function mended(written: readonly Written[], assigned: readonly Assigned[]): Rule[] {
  const wide = written.map(({ wide }): ModelRule[] => [{ pattern: wide, recipe: null }]);
  return assigned.flatMap(({ name, recipe }) => {
    const groups = written.filter((_, i) => matchRule(wide[i], name));
    // A group's own rules give its tensors what they should get.
    const sure = groups.length === 0 || (groups.length === 1 && recipe !== KEEP);
    if (sure) return [];
    const rules = groups.flatMap((group) => group.rules);
    const hit = rules.find(({ pattern }) => matchRule([{ pattern, recipe: null }], name));
    return (hit?.recipe ?? KEEP) === recipe ? [] : [{ pattern: literal(name), recipe }];
  });
}
