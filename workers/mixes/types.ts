/** What mixes speak of: the tensors of a model under the names that different tools have for them, and which recipe each one gets. Plain data. */
import type { MatrixView } from "../../kernels/report/report.ts";
import type { FileFormat, FloatDtype } from "../export/request.ts";

/** A tensor of a source, and what others call it. */
export interface MixSource {
  /** As the source names it: what rules of a model recipe match. */
  name: string;
  /** As stored, slowest dimension first. */
  shape: readonly number[];
  elements: number;
  /** As the source names its type. */
  dtype: string;
  /** Bytes that hold it in the source. */
  bytes: number;
  view: MatrixView;
  /** Counted from 0; null for what stands before and behind the layers, or where it is not known. */
  layer: number | null;
  /** "q_proj", "down_proj", "embedding" ... ; the last part of the name but "weight" where no network is known. */
  role: string;
  /** Whether it is a weight of y = x W^T. Embeddings are none. */
  linear: boolean;
  /** llama.cpp's tensor that holds it, and its shape there, slowest dimension first; experts of a layer share one. Null where it has none. */
  gguf: { name: string; shape: readonly number[]; expert: number | null } | null;
  /** The modules whose weight it is, as transformers names them: one, all experts of a stack, or none where they are not known. */
  modules: readonly string[];
}

/** How a layer keeps keys and values. */
export interface CacheLayer {
  /** The attention's name, as rules for caches have it: "model.layers.0.self_attn". */
  name: string;
  keyHeads: number;
  /** Values of a head of keys, and of values. */
  keySize: number;
  valueSize: number;
  /** Tokens that are kept at most; null for all of the context. */
  window: number | null;
}

/** What is known of a model without its values. */
export interface MixModel {
  /** The source's name for people. */
  label: string;
  /** llama.cpp's name of its architecture ("llama"); null where it has none or nothing says it. */
  architecture: string | null;
  /** Layers, heads and heads of keys in the first layer, experts of a layer (0: none); null where nothing says them. */
  layers: number | null;
  heads: number | null;
  keyHeads: number | null;
  experts: number | null;
  /** Whether the embedding is the head as well. */
  tied: boolean;
  /** In the source's order. */
  tensors: MixSource[];
  /** Of each layer; null where nothing says it. */
  cache: CacheLayer[] | null;
  /** What is not known and why, in sentences. */
  notes: string[];
}

/** What one tensor gets in a mix. */
export interface MixTensor {
  /** As the source names it. */
  name: string;
  /** Canonical recipe, or "keep". */
  recipe: string;
  /** Bits as stored, scales included. */
  bits: number;
  /** Bytes in the file that the mix is of, without padding between tensors. */
  bytes: number;
}

/** A recipe for each tensor of a model. */
export interface Mix {
  /** "Q4_K_M", "as stored in model.gguf" ... */
  name: string;
  /** The same as rules of a model recipe. */
  rules: string;
  /** One for each tensor of the model, in its order. */
  tensors: MixTensor[];
  /** What the reader should know: fallbacks, what the page has no recipe for. In sentences. */
  notes: string[];
}

/** The tools for which an assignment is written. */
export const mixTools = ["llama.cpp", "llm-compressor", "modelopt", "mlx", "torchao"] as const;
export type MixTool = (typeof mixTools)[number];

/** A file or a command that another tool takes. */
export interface ExportedText {
  /** "tensor-types.txt", "recipe.yaml"; null for a command line. */
  file: string | null;
  /** What it is, in a few words. */
  title: string;
  text: string;
}

/** An assignment as another tool takes it. */
export interface MixExport {
  tool: MixTool;
  texts: ExportedText[];
  /** Tensors whose recipe the tool has nothing like: they are not in the texts. */
  without: { name: string; recipe: string; why: string }[];
  /** What it does otherwise than the recipes say, in sentences. */
  notes: string[];
}

export interface MixPlanRequest {
  source: string;
  /** Names of llama-quantize ("Q4_K_M"), in any case. */
  named: string[];
  /** Whether llama-quantize is given an importance matrix: some of its rules look at that. Absent: it is not. */
  imatrix?: boolean;
  /** Open sources whose stored types are wanted as mixes: the source itself, or other copies of the model. */
  stored?: string[];
}

export interface MixPlan {
  model: MixModel;
  mixes: Mix[];
  refused: { name: string; why: string }[];
}

export interface MixExportRequest {
  source: string;
  /** A model recipe, or one recipe for all weights of linear layers but the head. */
  rules: string;
  definitions: string[];
  tool: MixTool;
}

export interface MixSizeRequest {
  source: string;
  rules: string;
  definitions: string[];
  format: FileFormat;
  /** As for a file that is written. */
  dtype?: FloatDtype | null;
  unfit?: "refuse" | "keep";
  /** The cache of keys and values of one sequence; absent or null: none is counted. */
  cache?: { context: number; recipe: string } | null;
}
