import type { RawSpec } from "../checkpoints/raw.ts";

/** Of a language model: its twin with outlier channels is opened in its place. Text as `workers/models/twin-spec.ts` reads it. */
interface MayBeTwin {
  twin?: string;
}

/** Where tensors come from. JSON apart from the File objects, which a link replaces by their fingerprints. */
export type SourceSpec =
  | ({ kind: "sample"; id: string } & MayBeTwin)
  | { kind: "generator"; generator: GeneratorSpec }
  /** Numbers typed or pasted: a Python list, CSV, or white space between numbers. */
  | { kind: "text"; text: string }
  /** One or several files that belong together (shards with their index, a folder). */
  | ({ kind: "files"; files: File[]; raw?: RawSpec } & MayBeTwin)
  /** A file on a server, read by range, or a page about one; what belongs to it is found beside it. */
  | ({ kind: "url"; url: string; token?: AccessToken } & MayBeTwin);

/** What a file of a calibration is taken for. */
export type CalibrationKind = "activations" | "gram" | "imatrix" | "capture";

/** Where what is known of inputs comes from: files (of the kind that their content is where none is said), or a synthetic one's text. */
export type CalibrationSpec =
  | { kind: "calibration"; files: File[]; taken: CalibrationKind | null }
  | { kind: "synthetic"; text: string };

/** Whatever is opened under a name. */
export type OpenSpec = SourceSpec | CalibrationSpec;

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
