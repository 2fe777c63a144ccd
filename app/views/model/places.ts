/** A network as a grid: what each weight does down the side, layers across; experts of a layer are one place. */
import type { NetworkPart } from "./parts.ts";

export interface Place {
  role: string;
  layer: number | "ends";
  /** The weights in it: several where it is experts', or a stored tensor serves several parts. Each name once. */
  parts: readonly NetworkPart[];
}

export interface Grid {
  roles: readonly string[];
  layers: number;
  /** By role, then layer; null where a layer has no such weight. */
  cells: readonly (readonly (Place | null)[])[];
  /** What stands before the first layer and behind the last. */
  ends: readonly Place[];
  /** Names of parts that the source does not have. */
  missing: readonly string[];
}

/** The order in which a layer is met; other roles come behind, as they appear. */
const ORDER = [
  "q_proj",
  "k_proj",
  "v_proj",
  "qkv_proj",
  "o_proj",
  "router",
  "gate_proj",
  "up_proj",
  "gate_up_proj",
  "down_proj",
];

export function gridOf(parts: readonly NetworkPart[]): Grid {
  const shown = parts.filter((part) => part.linear || (part.layer === "ends" && part.shape.length > 1));
  const places = new Map<string, { role: string; layer: number | "ends"; parts: NetworkPart[] }>();
  for (const part of shown) {
    const key = `${part.layer} ${part.role}`;
    const place = places.get(key) ?? { role: part.role, layer: part.layer, parts: [] };
    if (!place.parts.some(({ name }) => name === part.name)) place.parts.push(part);
    places.set(key, place);
  }
  const all = [...places.values()];
  const inside = all.filter(({ layer }) => layer !== "ends");
  const rank = (role: string) => (ORDER.indexOf(role) + ORDER.length + 1) % (ORDER.length + 1);
  const roles = [...new Set(inside.map(({ role }) => role))].sort((x, y) => rank(x) - rank(y));
  const layers = inside.reduce((most, { layer }) => Math.max(most, (layer as number) + 1), 0);
  const cells = roles.map((role) =>
    Array.from({ length: layers }, (_, layer) => places.get(`${layer} ${role}`) ?? null),
  );
  const missing = parts.filter((part) => part.missing).map(({ name }) => name);
  return { roles, layers, cells, ends: all.filter(({ layer }) => layer === "ends"), missing };
}
