/** Values that share a scale, and those that share a micro-exponent of either kind. */
export const GROUP = 64;
export const EIGHT = 8;
export const FOUR = 4;

export interface Hif4Code {
  /** Exact quotients, or bfloat16 after each operation, as the paper's conversion has it. */
  by: "exact" | "bf16";
}
