/** Part of a NumPy program: definitions that it needs, and the lines that go in and come back. */
export interface StepProgram {
  functions: readonly string[];
  /** Lines over `x`, rows x cols float32, and `original`. */
  forward: string;
  /** Lines over `result`, and `codes` where the step moves them. */
  back: string;
}
