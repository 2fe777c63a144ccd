/** What is asked of a capture in the page, and what comes back: plain data. */
import type { TextSpec } from "../models/text/spec.ts";
import type { CaptureSpec } from "./run.ts";

export interface CaptureRequest {
  /** The open source that the model is in. */
  source: string;
  text: TextSpec;
  /** What is not said is as usual: 16 windows of 512 tokens, seed 1, all linear layers of the model as it is. */
  spec: Partial<CaptureSpec>;
  /** Null takes the best there is. */
  device: "wasm" | "webgpu" | null;
  /** Where a link names it: its reference, which says how it is to be captured; text and model have to be the same. */
  named: string | null;
}

/** What a capture takes, before it begins. */
export interface CapturePart {
  windows: number;
  /** Tokens that run. */
  tokens: number;
  inputs: number;
  /** Times that the windows pass a layer at most. */
  passes: number;
  /** Bytes of what will be captured, nearly. */
  bytes: number;
}

export interface CaptureAnswer {
  /** Names what was captured in experiments and links (`reference.ts`). */
  reference: string;
  /** The calibration, and how it is called; it opens as any captured one. */
  file: Blob;
  name: string;
  /** llama.cpp's importance matrix of it, in the GGUF form; null where no weight has a name there. */
  imatrix: Blob | null;
  /** Where a link names it and something else came out: a sentence. */
  said: string | null;
  digest: string;
  inputs: number;
  weights: number;
  tokens: number;
  /** Where it ran, in words. */
  about: string;
  seconds: number;
  notes: string[];
}
