/**
 * The one way from the page to the workers. Every call is typed, can be cancelled by an AbortSignal, and ends: with a
 * result, with an AbortError (a DOMException of that name), with a UserError or RecipeError for the person, or with
 * the error of a worker that died. Nothing here cancels an older call because a newer one came; signals decide.
 */
import type { Inspection, LinearHistogram, Report } from "../../kernels/report.ts";
import type {
  BackendVerdict,
  ExportRequest,
  GeneratorInfo,
  Progress,
  RunRequest,
  SampleInfo,
  SourceInfo,
  SourceSpec,
  Target,
  TensorSummary,
  WindowReply,
  WindowRequest,
} from "../protocol.ts";

export interface CallOptions {
  /** Rejects the call with an AbortError at once and stops the work behind it within 100 ms. */
  signal?: AbortSignal;
}

export interface JobOptions extends CallOptions {
  /** At most some twenty times a second; never after the call has settled. */
  onProgress?(progress: Progress): void;
  /** "A", "B" ...: jobs of different sides run on different workers, those of one side stay where its tensor is. */
  side?: string;
}

export interface WorkbenchClient {
  /** Opens a source under a new id; it stays open, through crashes of workers too, until `close`. */
  open(spec: SourceSpec, options?: CallOptions): Promise<SourceInfo>;
  close(source: string): Promise<void>;
  summarize(target: Target, options?: CallOptions): Promise<TensorSummary>;
  /** The same request again is answered from a small cache. */
  run(request: RunRequest, options?: JobOptions): Promise<Report>;
  /** A recipe that was not run yet is run first. Recipes of several workers are merged into one reply. */
  window(request: WindowRequest, options?: CallOptions): Promise<WindowReply>;
  inspect(run: RunRequest, row: number, col: number, options?: CallOptions): Promise<Inspection>;
  histogram(target: Target, lo: number, hi: number, bins: number, options?: CallOptions): Promise<LinearHistogram>;
  /** An npy file; scales of several levels are an npz (the blob's type is then `application/zip`). */
  export(request: ExportRequest, options?: JobOptions): Promise<Blob>;
  backends(): Promise<BackendVerdict>;
  generators(): Promise<GeneratorInfo[]>;
  samples(): Promise<SampleInfo[]>;
  /** Ends the workers; calls under way and later ones reject with an AbortError. */
  dispose(): void;
}
