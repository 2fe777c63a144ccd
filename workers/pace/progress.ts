export interface Progress {
  done: number;
  total: number;
  unit:
    | "elements"
    | "bytes"
    | "tokens"
    | "tensors"
    | "recipes"
    | "windows"
    | "layers"
    | "heads"
    | "queries"
    | "products";
  phase: string;
}
