export interface Progress {
  done: number;
  total: number;
  unit: "elements" | "bytes" | "tokens" | "tensors" | "recipes";
  phase: string;
}
