/** What whoever runs text through a model asks of it first. */
import type { NetworkOptions } from "../../kernels/network/index.ts";
import type { Backends } from "../backends/backends.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model, Tokenizer } from "./model.ts";

type Device = NetworkOptions["device"];

/** The tokenizer of a model that can be run. Throws UserError that says why it cannot. */
export function runnable({ problems, tokenizer }: Pick<Model, "problems" | "tokenizer">): Tokenizer {
  if (problems.length > 0) throw new UserError(problems.join(" "));
  if (!tokenizer) throw new UserError("The model comes without a tokenizer: text cannot become tokens.");
  return tokenizer;
}

/** Whether a network's device went away. */
export const isLost = (error: unknown): error is Error => error instanceof Error && error.name === "NetworkLostError";

/** The device asked for, or the best there is: a GPU that is a program on the processor is taken by name only. */
export async function deviceOf(asked: Device | null, backends: Backends): Promise<Device> {
  if (asked) return asked;
  return (await backends.verdict()).chosen === "webgpu" ? "webgpu" : "wasm";
}
