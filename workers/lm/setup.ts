import type { Backends } from "../backends/backends.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model, Tokenizer } from "../models/model.ts";
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

/** The tokenizer of a model that can be run. Throws UserError that says why it cannot. */
export function runnable({ problems, tokenizer }: Model): Tokenizer {
  if (problems.length > 0) throw new UserError(problems.join(" "));
  if (!tokenizer) throw new UserError("The model comes without a tokenizer: text cannot become tokens.");
  return tokenizer;
}

/** A text as the model takes it: with the token that texts begin with, where there is one. Throws UserError. */
export function tokensOf(tokenizer: Tokenizer, text: string): Uint32Array {
  const ids = tokenizer.encode(text);
  return tokenizer.start === null ? ids : prepended(tokenizer.start, ids);
}

export const isLost = (error: unknown): error is Error => error instanceof Error && error.name === "NetworkLostError";

/** The device asked for, or the best there is: a GPU that is a program on the processor is taken by name only. */
export async function deviceOf(asked: LmDevice | null, backends: Backends): Promise<LmDevice> {
  if (asked) return asked;
  return (await backends.verdict()).chosen === "webgpu" ? "webgpu" : "wasm";
}

function prepended(first: number, rest: Uint32Array): Uint32Array {
  const all = new Uint32Array(rest.length + 1);
  all[0] = first;
  all.set(rest, 1);
  return all;
}
