import type { AllocationItem } from "../types.ts";

/** What is known of a tensor beside its name. */
export type RuntimeItem = Pick<AllocationItem, "name" | "kind" | "layer" | "role">;

/** A family of quantizers that an engine has kernels for. Texts are those of the notation, canonical. */
export interface FormatRule {
  /** Elements, or whole formats and aliases. */
  bases: readonly string[];
  /** Words that may stand in the base's parentheses, alone or together. */
  options?: readonly string[];
  /** What may stand behind `/`; "" for nothing. */
  blocks: readonly string[];
  /** What may stand behind `:`; "" for nothing, which is float32. */
  scales: readonly string[];
}

/** Which tensors get one format, beside what their names say. */
export interface TieOptions {
  /** Whether the head is the embedding. */
  tied?: boolean;
}

/** What an engine can run: as data, from its own source. */
export interface Runtime {
  name: string;
  title: string;
  /** For the reader: what is fused, and what it does with formats that it has otherwise. */
  says: string;
  /** Where its rules stand. */
  source: string;
  formats: readonly FormatRule[];
  /** Steps whose results it runs as any others: what they do is in the codes, or goes into the layer before. */
  steps: readonly string[];
  /** Roles that it leaves as they are. */
  stays: readonly string[];
  /** Roles of one layer that get one format, outside of experts. */
  fused: readonly (readonly string[])[];
  /** The same of experts: all of a layer, whatever their number. Roles that stand nowhere are tied among the experts, by role. */
  fusedExperts: readonly (readonly string[])[];
}
