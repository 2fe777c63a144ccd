/** The parts of a network as they lie in the source: what rules speak of and the map shows. */
import type { DescribedPart } from "../../../workers/models/describe.ts";

export type NetworkPart = Pick<
  DescribedPart,
  "name" | "layer" | "role" | "linear" | "shape" | "bitsPerWeight" | "missing"
>;

export const elementsOf = ({ shape }: Pick<NetworkPart, "shape">): number => shape.reduce((n, size) => n * size, 1);

/** The tensors that rules may name, each once: several parts may lie in one. */
export function tensorsOf<P extends NetworkPart>(parts: readonly P[]): P[] {
  const known = new Map<string, P>();
  for (const part of parts) if (!part.missing && !known.has(part.name)) known.set(part.name, part);
  return [...known.values()];
}
