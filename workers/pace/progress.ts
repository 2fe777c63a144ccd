export interface Progress {
  done: number;
  total: number;
  unit: "elements" | "bytes" | "tensors" | "recipes";
  phase: string;
}
