/**
 * What crosses the thread boundary beside comlink's calls: control messages on the same port, which comlink passes
 * over, and errors that keep their kind. Both sides import this file.
 */
import { type TransferHandler, transferHandlers } from "comlink";
import { RecipeError, type Remedy } from "../../kernels/grammar/errors.ts";
import { UserError } from "../errors/user-error.ts";
import type { Progress } from "../pace/progress.ts";

export type Control =
  /** Client to worker: stop the call with this token. */
  | { control: "cancel"; token: number }
  /** Client to worker, once: the compiled kernels, or null where this engine does not take them. */
  | { control: "wasm"; module: WebAssembly.Module | null }
  /** Client to worker, once: hold the lock of this name for as long as you live. */
  | { control: "live"; lock: string }
  /** Worker to client: the lock is held. */
  | { control: "living" }
  /** Worker to client: the modules are loaded, calls will be answered. */
  | { control: "ready" }
  /** Worker to client. */
  | { control: "progress"; token: number; progress: Progress }
  /** Worker to client: a part of the answer, before the call is answered. */
  | { control: "part"; token: number; part: unknown };

export function isControl(data: unknown): data is Control {
  return typeof data === "object" && data !== null && "control" in data;
}

interface ErrorRecord {
  name: string;
  message: string;
  stack?: string;
  column: number | null;
  remedies: readonly Remedy[];
}

function record(error: Error): ErrorRecord {
  const { column, remedies } = error instanceof RecipeError ? error : { column: null, remedies: [] };
  return { name: error.name, message: error.message, stack: error.stack, column, remedies };
}

function revive({ name, message, stack, column, remedies }: ErrorRecord): Error {
  if (name === "AbortError") return new DOMException(message, name);
  const error =
    name === "RecipeError"
      ? new RecipeError(message, column, remedies)
      : name === "UserError"
        ? new UserError(message)
        : Object.assign(new Error(message), { name });
  if (stack) error.stack = stack;
  return error;
}

type Thrown = { value: unknown };
type Wire = { error: ErrorRecord } | { value: unknown };
let installed = false;

/** Replaces comlink's way with thrown values, which loses classes and fields. Call once on each side; again is harmless. */
export function keepErrorsWhole(): void {
  if (installed) return;
  installed = true;
  const plain = transferHandlers.get("throw") as TransferHandler<Thrown, Wire>;
  const whole: TransferHandler<Thrown, Wire> = {
    canHandle: plain.canHandle,
    serialize: ({ value }) => [value instanceof Error ? { error: record(value) } : { value }, []],
    deserialize(wire): never {
      throw "error" in wire ? revive(wire.error) : wire.value;
    },
  };
  transferHandlers.set("throw", whole);
}
