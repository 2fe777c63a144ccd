import type { Backends } from "../backends/backends.ts";
import type { Model } from "../models/model.ts";
import type { RunningModel } from "../models/running.ts";
import type { Runs } from "../runs/runs.ts";
import type { LmDevice } from "./request.ts";
import type { KnownInputs } from "./weights.ts";

/** What jobs and the command line give to whatever runs a model. */
export interface LmSetup {
  model: Model;
  runs: Runs;
  backends: Backends;
  calibration: KnownInputs | null;
  /** The model on a device, with what it holds. Rejects with NetworkLostError where there is no such device. */
  running(device: LmDevice): Promise<RunningModel>;
  /** A network beside it that adds in another order; whoever asks ends it. */
  other(device: LmDevice): Promise<RunningModel>;
}
