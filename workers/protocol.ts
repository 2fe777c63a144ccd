/**
 * What the page may ask of a worker. The page imports types from here and calls through `workers/client`; nothing else
 * crosses the thread boundary. Weights never do, except the one window of a heat map that is on screen.
 */
import type { BackendName, Inspection, LinearHistogram, MatrixView, Report } from "../kernels/report.ts";
import type { PhaseBand } from "../kernels/sweep/phase.ts";
import type { SweepMetrics } from "../kernels/sweep/sums.ts";
import type { FileDone, FilePlan, FileRequest } from "./export/request.ts";
import type { StoredAs, StoredFigures } from "./layouts/stored.ts";

/** Where tensors come from. JSON apart from the File objects, which a link replaces by their fingerprints. */
export type SourceSpec =
  | { kind: "sample"; id: string }
  | { kind: "generator"; generator: GeneratorSpec }
  /** Numbers typed or pasted: a Python list, CSV, or white space between numbers. */
  | { kind: "text"; text: string }
  /** One or several files that belong together (shards with their index, a folder). */
  | { kind: "files"; files: File[]; raw?: RawSpec }
  /** A file on a server, read by range, or a page about one; what belongs to it is found beside it. */
  | { kind: "url"; url: string; token?: AccessToken };

/** A bearer token. It is kept in memory only, and sent to the origin it was given for and to no other. */
export interface AccessToken {
  /** `https://huggingface.co` */
  origin: string;
  value: string;
}

/** What an address offers: one file, or the checkpoints of a repository, the likeliest first. */
export interface RemoteListing {
  label: string;
  /** `address` opens the file; `bytes` is its size, where the site tells. */
  files: { address: string; path: string; bytes: number | null }[];
}

export interface GeneratorSpec {
  name: string; // see GeneratorInfo
  rows: number;
  cols: number;
  seed: number;
  params: Record<string, number>;
}

export interface GeneratorInfo {
  name: string;
  label: string;
  describe: string;
  params: { key: string; label: string; default: number; min: number; max: number; step: number }[];
  /** The usual size and seed. */
  defaults: { rows: number; cols: number; seed: number };
}

/** A checkpoint that comes with the page, fetched only when opened. */
export interface SampleInfo {
  id: string;
  label: string;
  describe: string;
  bytes: number;
  licence: string;
  /** The tensor to show first. */
  open: string;
}

/** How to read a file without a header. */
export interface RawSpec {
  dtype: string;
  shape: number[];
  offset: number;
  littleEndian: boolean;
}

/** Identifies a local file without its content leaving the machine. */
export interface Fingerprint {
  name: string;
  size: number;
  /** SHA-256 (hex, first 16 bytes) of the header and a few slices. */
  digest: string;
}

export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  /** Byte range in its file, for people; absent where there are no bytes (generators). */
  bytes?: { file: string; begin: number; end: number };
  elements: number;
  /** Why the tensor cannot be opened, where it cannot. */
  problem?: string;
  /** What the reader must know before trusting its values, in a clause: they may be codes that nothing here decodes. */
  warning?: string;
  /** The usual reading as a matrix. */
  view: MatrixView;
  /** Set for pictures: their samples, channel by channel, are the rows of the usual reading. */
  picture?: { channels: number; height: number; width: number };
  /** How a weight lies in its checkpoint that is decoded from several stored tensors; absent for plain numbers. */
  stored?: StoredAs;
}

export interface SourceInfo {
  id: string;
  label: string;
  /** "safetensors", "npy", "generator" ... */
  kind: string;
  tensors: TensorInfo[];
  /** Things to tell once: skipped files, metadata worth reading, a licence. */
  notes: string[];
  /** One a file, for links. */
  fingerprints: Fingerprint[];
  metadata: Record<string, string>;
  licence?: { name: string; holder: string; from: string };
  /** Where it is read from over the network, pinned to a commit where the site has such: what a link holds. */
  address?: string;
}

export interface TensorSummary {
  name: string;
  elements: number;
  amax: number;
  min: number;
  max: number;
  mean: number;
  std: number;
  /** Fourth standardised moment; 3 for a Gaussian. `null` for constant tensors. */
  kurtosis: number | null;
  nonFinite: number;
  zeros: number;
  /** 24 bins over +-4 standard deviations, for the small picture beside the name; tails in the end bins. */
  sketch: number[];
}

/** A stretch of the value axis, and how many bins to count in over it. */
export interface ValueRange {
  lo: number;
  hi: number;
  bins: number;
}

/** Which tensor, read how. `definitions` are named codebooks (`my4:=codebook(...)`). */
export interface Target {
  source: string;
  /** Its name; of a quantized weight that is not read as usual, its address with the readings (`NAME?nibbles=high`). */
  tensor: string;
  view: MatrixView;
  /** Tiles of rows with about as many elements at most, spread evenly, rather than the whole matrix. */
  sample?: number;
  /** What `given(1)`, `given(2)` ... stand for; `null` where the other checkpoint has no partner for this tensor. */
  given?: (GivenTensor | null)[];
}

/** A tensor of another open source that stands beside a target as the result of another program. */
export interface GivenTensor {
  source: string;
  tensor: string;
  view: MatrixView;
  /** What its file takes for it, and where that is known from. */
  bitsPerWeight: number;
  what: string;
  /** Heads whose rows are stored in the other rotary order: pairs of neighbours, or halves apart. */
  rows?: { heads: number; from: "pairs" | "halves" };
}

export interface RunRequest {
  target: Target;
  recipe: string;
  definitions: string[];
  /** `null` lets the worker choose. */
  backend: BackendName | null;
}

export interface Progress {
  done: number;
  total: number;
  unit: "elements" | "bytes" | "tensors" | "recipes";
  phase: string;
}

/** A window of the matrix reduced to at most `outRows` x `outCols` cells. */
export interface WindowRequest {
  target: Target;
  /** A, or A and B for the difference. Both must have been run. */
  recipes: string[];
  definitions: string[];
  row0: number;
  row1: number;
  col0: number;
  col1: number;
  outRows: number;
  outCols: number;
}

export interface WindowReply {
  row0: number;
  row1: number;
  col0: number;
  col1: number;
  outRows: number;
  outCols: number;
  /** True when every cell is one element. */
  elements: boolean;
  /**
   * Per recipe: root mean square of e over a cell's finite elements, NaN where it has none (|e| when cells are elements,
   * signed then in `signed`).
   */
  rms: Float32Array[];
  /** Per recipe, only for single elements: e with its sign, and the code. */
  signed: Float32Array[] | null;
  codes: (Uint32Array | null)[] | null;
  /** Inputs, only for single elements. */
  values: Float32Array | null;
}

export type ExportRequest =
  | { what: "dequantized"; run: RunRequest }
  | { what: "codes"; run: RunRequest }
  | { what: "scales"; run: RunRequest };

/**
 * Many recipes over one tensor or several, figures only. The recipes come from `expandSweep` (kernels/sweep), which also
 * says beforehand how many there are and which combinations of a grid make no sense.
 */
export interface SweepRequest {
  targets: Target[];
  recipes: string[];
  definitions: string[];
  /**
   * For recipes whose scales are powers of two: at how many places inside an octave the error is measured (the data times
   * 2^(k/phases)). 0 for none.
   */
  phases: number;
  /** `null` lets the worker choose. */
  backend: BackendName | null;
  /**
   * Whether a tensor that some steps of a recipe do not fit is quantized without them; the point then says what was done
   * instead. Else it gives no figures.
   */
  fallBack?: boolean;
}

export type { FileDone, FilePlan, FileRequest, PhaseBand, StoredAs, StoredFigures, SweepMetrics };

/** What one recipe did to one tensor, or why it could not. */
export interface SweepPoint {
  /** Index into the targets and the recipes of the request. */
  target: number;
  recipe: number;
  /** Canonical; as it was given where it could not be read. */
  text: string;
  metrics: SweepMetrics | null;
  /** Where phases were asked for, and the recipe has them. */
  phase: PhaseBand | null;
  backend: BackendName | null;
  /** A sentence for the person; then there are no metrics. */
  error: string | null;
  /** The recipe that the figures are of where some steps of this one do not fit the tensor, canonical, and why they do not. */
  instead?: { text: string; reason: string };
}

export interface SweepSummary {
  /** Points given, and those of them that are errors. */
  points: number;
  failed: number;
  seconds: number;
  /** Things to tell once: values rounded on reading, a backend that was passed over. */
  notes: string[];
}

/** A part of a sweep for one worker: some recipes over one tensor. */
export interface SweepPart extends Pick<SweepRequest, "definitions" | "phases" | "backend" | "fallBack"> {
  target: Target;
  recipes: string[];
}

/** The points of a part, in the order of its recipes. */
export interface SweepReply {
  points: Omit<SweepPoint, "target" | "recipe">[];
  notes: string[];
}

export interface BackendVerdict {
  /** In order of preference. */
  available: BackendName[];
  chosen: BackendName;
  /** One sentence for the person: why the GPU is or is not used. */
  note: string;
  adapter: string | null;
}

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

/** Set to cancel. A worker polls it between pieces; the client raises it by message and, at last, by terminating. */
export interface CancelToken {
  id: number;
}

/** An error whose message is a sentence for the person in front of the page. */
export class UserError extends Error {
  override name = "UserError";
}
