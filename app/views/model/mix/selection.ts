/**
 * Which tensors somebody means, as text that a link holds: patterns of names with commas between them, as in a model recipe, and boxes
 * of the map, `@0-3:q_proj+k_proj` (layers, then roles; `@ends:` for what stands outside of layers, `#4-7` behind a role for its experts).
 */
import { matchRule } from "../../../../kernels/notation/index.ts";
import type { CellBox, HeatLayout } from "./heat.ts";
import type { MixTensors } from "./tensors.ts";

/** The text of a box of the map. */
export function boxText(tensors: Pick<MixTensors, "roles">, layout: HeatLayout, box: CellBox): string {
  const { rows, columns } = layout;
  const layers = columns.slice(box.column0, box.column1 + 1).filter((l) => l >= 0);
  const ends = columns[box.column1] < 0;
  const places = [
    ...(layers.length > 0 ? [`${layers[0]}-${layers[layers.length - 1]}`] : []),
    ...(ends ? ["ends"] : []),
  ].join("+");
  const roles: string[] = [];
  for (let row = box.row0; row <= box.row1; ) {
    const { role, expert } = rows[row];
    let end = row + 1;
    while (end <= box.row1 && rows[end].role === role && expert >= 0) end++;
    const name = tensors.roles[role];
    // A role's row of its own stands for all of it where experts are folded.
    roles.push(expert < 0 ? name : `${name}#${expert}-${rows[end - 1].expert}`);
    row = end;
  }
  return `@${places}:${roles.join("+")}`;
}

type Matcher = (i: number) => boolean;

function readBox(text: string, tensors: MixTensors): Matcher | null {
  const [, places, roles] = /^@([^:]+):(.+)$/.exec(text) ?? [];
  if (places === undefined) return null;
  const ranges: [number, number][] = [];
  for (const place of places.split("+")) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(place) ?? [];
    if (place === "ends") ranges.push([-1, -1]);
    else if (from !== undefined) ranges.push([Number(from), Number(to ?? from)]);
    else return null;
  }
  const parts: { role: number; experts: [number, number] | null }[] = [];
  for (const part of roles.split("+")) {
    const [, name, from, to] = /^([^#]+)(?:#(\d+)(?:-(\d+))?)?$/.exec(part) ?? [];
    if (name === undefined) return null;
    const experts: [number, number] | null = from === undefined ? null : [Number(from), Number(to ?? from)];
    if (name === "*") return (i) => ranges.some(([a, b]) => tensors.column[i] >= a && tensors.column[i] <= b);
    const role = tensors.roles.indexOf(name);
    if (role >= 0) parts.push({ role, experts });
  }
  return (i) =>
    ranges.some(([a, b]) => tensors.column[i] >= a && tensors.column[i] <= b) &&
    parts.some(
      ({ role, experts }) =>
        tensors.role[i] === role && (!experts || (tensors.expert[i] >= experts[0] && tensors.expert[i] <= experts[1])),
    );
}

export interface Selected {
  /** By tensor: 1 where it is meant. */
  mask: Uint8Array;
  count: number;
  /** What of the text cannot be read; null where all can. */
  problem: string | null;
}

/** Which tensors a text means; nothing means none. */
export function selectedBy(text: string, tensors: MixTensors): Selected {
  const mask = new Uint8Array(tensors.count);
  const matchers: Matcher[] = [];
  let problem: string | null = null;
  for (const one of text.split(",").map((part) => part.trim())) {
    if (one === "") continue;
    if (one.startsWith("@")) {
      const box = readBox(one, tensors);
      if (box) matchers.push(box);
      else problem ??= `"${one}" is no box of the map: write @LAYERS:ROLES, such as @0-3:q_proj+k_proj`;
    } else {
      const rule = [{ pattern: one, recipe: null }];
      matchers.push((i) => matchRule(rule, tensors.names[i]) !== null);
    }
  }
  let count = 0;
  for (let i = 0; i < tensors.count; i++) {
    if (!matchers.some((matches) => matches(i))) continue;
    mask[i] = 1;
    count++;
  }
  return { mask, count, problem };
}
