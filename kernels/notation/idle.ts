/** Options of a format that change nothing where it stands: mistakes, since whoever wrote them meant something. */
import type { Call } from "../grammar/ast.ts";
import { type Bound, bindCall, defaultValue, sameValues } from "../grammar/bind.ts";
import type { Entry, Parameter, Role } from "../grammar/signature.ts";

export interface Idle {
  key: string;
  /** What is wrong and what to do, in a clause or two. */
  says: string;
}

const PLACES: Record<Role, string> = {
  cast: "without a block and its scale",
  element: "on an element",
  scale: "on a stored scale",
};

function remedyFor({ key, roles }: Parameter, role: Role, name: string): string {
  if (role === "cast" && roles?.includes("element")) return `give ${name} a block, as in /32, or leave it out`;
  if (roles?.includes("scale")) return `write it after the format of a scale, as in :f16(${key}=...), or leave it out`;
  return "write it after the element's format, or leave it out";
}

/** The first option of a format that means nothing where it stands; null where all do. Defaults are never idle. */
export function idleOption(entry: Entry, bound: Bound, role: Role): Idle | null {
  for (const p of entry.params) {
    const given = bound.get(p.key);
    const usual = defaultValue(p);
    if (given === undefined || (usual && sameValues(given, [usual]))) continue;
    if (p.roles && !p.roles.includes(role)) {
      const place = role === "cast" && !p.roles.includes("element") ? "element" : role;
      return { key: p.key, says: `${p.key}= changes nothing ${PLACES[place]}: ${remedyFor(p, role, entry.name)}` };
    }
    const other = p.needs && bound.get(p.needs.key)?.[0];
    if (p.needs && (other?.type !== "word" || other.value !== p.needs.word)) {
      const { word } = p.needs;
      return {
        key: p.key,
        says: `${p.key}= changes nothing without ${word}: write ${entry.name}(${word},${p.key}=...) or leave it out`,
      };
    }
  }
  return null;
}

/** The call without options that mean nothing there. */
export function withoutIdle(call: Call, entry: Entry, role: Role): Call {
  const bound = bindCall(call, entry);
  for (let idle = idleOption(entry, bound, role); idle; idle = idleOption(entry, bound, role)) bound.delete(idle.key);
  return { name: call.name, args: [...bound].flatMap(([key, values]) => values.map((value) => ({ key, value }))) };
}
