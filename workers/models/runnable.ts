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

/** A text as the model takes it: with the token that texts begin with, where there is one. Throws UserError. */
export function tokensOf(tokenizer: Tokenizer, text: string): Uint32Array {
  const ids = tokenizer.encode(text);
  return tokenizer.start === null ? ids : prepended(tokenizer.start, ids);
}

function prepended(first: number, rest: Uint32Array): Uint32Array {
  const all = new Uint32Array(rest.length + 1);
  all[0] = first;
  all.set(rest, 1);
  return all;
}

/** Whether a network's device went away. */
export const isLost = (error: unknown): error is Error => error instanceof Error && error.name === "NetworkLostError";

/** The device asked for, or the best there is: a GPU that is a program on the processor is taken by name only. */
export async function deviceOf(asked: Device | null, backends: Backends): Promise<Device> {
  if (asked) return asked;
  return (await backends.verdict()).chosen === "webgpu" ? "webgpu" : "wasm";
}
