/** A module on a thread of its own: asked once, and ended with its thread where it takes too long. */
import { moduleName } from "../../kernels/codes/module/provide.ts";
import { type ModuleAnswer, runModule } from "../../kernels/codes/module/run.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { Matrix } from "../../kernels/steps/step.ts";

/** Longest that a module works on one matrix. */
export const MOST_SECONDS = 120;
/** How often whoever waits looks whether the answer is still wanted. */
const LOOK_MS = 50;

export interface ModuleRequest extends Matrix {
  bytes: Uint8Array;
}

export type ModuleReply = { answer: ModuleAnswer } | { failure: string };

/** A thread that answers one request. */
export interface ModuleThread {
  post(request: ModuleRequest): void;
  onReply(take: (reply: ModuleReply) => void): void;
  /** Called when the thread fails by itself. */
  onFailure(report: (cause: string) => void): void;
  terminate(): void;
}

/** What the thread does. */
export function replyTo({ bytes, ...matrix }: ModuleRequest): ModuleReply {
  try {
    return { answer: runModule(bytes, matrix) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** The buffers of a reply, which go over without a copy. */
export const buffersOf = (reply: ModuleReply): ArrayBuffer[] =>
  "answer" in reply ? [reply.answer.result, reply.answer.codes].flatMap((array) => (array ? [array.buffer] : [])) : [];

/** Asks a thread, and ends it whatever comes of that. Rejects with RecipeError, or as `pace` does. */
export async function runOnThread(
  thread: ModuleThread,
  request: ModuleRequest,
  digest: string,
  pace: () => Promise<void>,
  seconds = MOST_SECONDS,
): Promise<ModuleAnswer> {
  let look: ReturnType<typeof setInterval> | undefined;
  let limit: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<ModuleAnswer>((resolve, reject) => {
      const fail = (message: string) => reject(new RecipeError(message.replace(/^the module\b/, moduleName(digest))));
      thread.onReply((reply) => ("answer" in reply ? resolve(reply.answer) : fail(reply.failure)));
      thread.onFailure((cause) => fail(`the module brought its thread down: ${cause}`));
      limit = setTimeout(() => fail(`the module took longer than ${seconds} seconds and was ended`), seconds * 1000);
      look = setInterval(() => pace().catch(reject), LOOK_MS);
      thread.post(request);
    });
  } finally {
    clearInterval(look);
    clearTimeout(limit);
    thread.terminate();
  }
}
