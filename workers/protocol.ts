/** What the page asks of a worker, in one place while it is being taken apart: each type is where it belongs. */
import type { Inspection, LinearHistogram, Report } from "../kernels/report/report.ts";
import type { BackendVerdict } from "./backends/verdict.ts";
import type { ExportRequest } from "./export/arrays.ts";
import type { FileDone, FilePlan, FileRequest } from "./export/request.ts";
import type { ValueRange } from "./jobs/entering.ts";
import type { SweepPart, SweepReply } from "./jobs/sweep-types.ts";
import type { WindowReply, WindowRequest } from "./jobs/window.ts";
import type { StoredFigures } from "./layouts/stored-figures.ts";
import type { CancelToken } from "./pace/cancellations.ts";
import type { Progress } from "./pace/progress.ts";
import type { RunRequest, Target } from "./runs/target.ts";
import type { Sample as SampleInfo } from "./samples/list.ts";
import type { SourceInfo } from "./sources/info.ts";
import type { AccessToken, GeneratorInfo, RemoteListing, SourceSpec } from "./sources/spec.ts";
import type { TensorSummary } from "./tensors/summary.ts";

export type { SweepMetrics } from "../kernels/backends/sweep-sums.ts";
export type { PhaseBand } from "../kernels/sweep/phase.ts";
export type { BackendVerdict } from "./backends/verdict.ts";
export type { RawSpec } from "./checkpoints/raw.ts";
export { UserError } from "./errors/user-error.ts";
export type { ExportRequest } from "./export/arrays.ts";
export type { FileDone, FilePlan, FileRequest } from "./export/request.ts";
export type { ValueRange } from "./jobs/entering.ts";
export type { SweepPart, SweepPoint, SweepReply, SweepRequest, SweepSummary } from "./jobs/sweep-types.ts";
export type { WindowReply, WindowRequest } from "./jobs/window.ts";
export type { StoredFigures } from "./layouts/stored-figures.ts";
export type { CancelToken } from "./pace/cancellations.ts";
export type { Progress } from "./pace/progress.ts";
export type { GivenTensor, RunRequest, Target } from "./runs/target.ts";
export type { Sample as SampleInfo } from "./samples/list.ts";
export type { Fingerprint, SourceInfo } from "./sources/info.ts";
export type { AccessToken, GeneratorInfo, GeneratorSpec, RemoteListing, SourceSpec } from "./sources/spec.ts";
export type { TensorInfo } from "./tensors/info.ts";
export type { StoredAs } from "./tensors/stored.ts";
export type { TensorSummary } from "./tensors/summary.ts";

/**
 * The service a worker offers. Long calls report through `progress` and reject with an `AbortError` when cancelled.
 * Failures a person must read are rejected as `UserError` (name kept across the thread boundary).
 */
export interface Workbench {
  backends(): Promise<BackendVerdict>;
  generators(): Promise<GeneratorInfo[]>;
  samples(): Promise<SampleInfo[]>;
  /** Looks at what an address leads to; of files nothing is read. */
  list(address: string, accessToken: AccessToken | null, signal: CancelToken): Promise<RemoteListing>;
  open(spec: SourceSpec, id: string, signal: CancelToken): Promise<SourceInfo>;
  close(source: string): Promise<void>;
  /**
   * Lets go of what takes much memory and is not looked at any more: results of other runs than these and, unless all decoded
   * tensors stay, the values of other tensors.
   */
  keep(runs: readonly RunRequest[], decoded: "all" | "theirs"): Promise<void>;
  summarize(target: Target, signal: CancelToken): Promise<TensorSummary>;
  run(request: RunRequest, progress: (p: Progress) => void, signal: CancelToken): Promise<Report>;
  window(request: WindowRequest, signal: CancelToken): Promise<WindowReply>;
  inspect(run: RunRequest, row: number, col: number, signal: CancelToken): Promise<Inspection>;
  /** What a quantized weight's codes and scales look like, and how plausible its readings are. */
  stored(target: Target, signal: CancelToken): Promise<StoredFigures>;
  /** A finer histogram of the input over [lo, hi). */
  histogram(target: Target, lo: number, hi: number, bins: number, signal: CancelToken): Promise<LinearHistogram>;
  /**
   * The values that enter the recipe's quantizer, after its steps: over [lo, hi), or with `null` over all of them in the
   * bins of a report.
   */
  entering(run: RunRequest, range: ValueRange | null, signal: CancelToken): Promise<LinearHistogram>;
  export(request: ExportRequest, progress: (p: Progress) => void, signal: CancelToken): Promise<Blob>;
  /** What a file would hold, or the reason why it cannot be written. Reads no values. */
  planFile(request: FileRequest, signal: CancelToken): Promise<FilePlan>;
  /**
   * Writes a file piece by piece: to the one that was picked (its handle crosses the boundary, its bytes do not), or,
   * with `null`, to the browser's own storage, to be downloaded.
   */
  saveFile(
    request: FileRequest,
    handle: FileSystemFileHandle | null,
    progress: (p: Progress) => void,
    signal: CancelToken,
  ): Promise<FileDone>;
  /** Rejects only when cancelled: what fails has its error in its point. */
  sweep(part: SweepPart, signal: CancelToken): Promise<SweepReply>;
}
