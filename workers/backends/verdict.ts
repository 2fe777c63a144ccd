import type { BackendName } from "../../kernels/report/report.ts";

export interface BackendVerdict {
  /** In order of preference. */
  available: BackendName[];
  chosen: BackendName;
  /** One sentence for the person: why the GPU is or is not used. */
  note: string;
  adapter: string | null;
}
