/** One of the command line's threads for scores: it opens the source and the calibration itself, and scores the tensors that it is told. */
import "../../kernels/notation/all.ts";
import type { MessagePort } from "node:worker_threads";
import { UserError } from "../errors/user-error.ts";
import type { ScoresRequest, TensorScores } from "../scores/types.ts";
import { scoreTensors } from "../scores/work.ts";
import { type CalibrationValues, openCalibrationArgument } from "./calibration.ts";
import { openArgument } from "./source.ts";

/** What a thread is started with. */
export interface ScoreThreadData {
  /** FILE of the command. */
  argument: string;
  calibration: CalibrationValues;
}

/** Scores these tensors. */
export interface ScoreOrder {
  request: ScoresRequest;
  tensors: string[];
}

/** What a thread says: a tensor's scores, the end of an order, or why it failed (for the person, or with its stack). */
export type ScoreReply = { scores: TensorScores } | { done: true } | { failed: string; forPerson: boolean };

export async function serveScores(port: MessagePort, { argument, calibration }: ScoreThreadData): Promise<void> {
  const say = (reply: ScoreReply) => port.postMessage(reply);
  const control = {
    signal: new AbortController().signal,
    progress() {},
    give: (scores: TensorScores) => say({ scores }),
  };
  const opening = Promise.all([openArgument(argument), openCalibrationArgument(calibration)]);
  // Told when something is asked for.
  opening.catch(() => {});
  port.on("message", async ({ request, tensors }: ScoreOrder) => {
    try {
      const [source, inputs] = await opening;
      await scoreTensors(source, inputs, { ...request, tensors }, control);
      say({ done: true });
    } catch (error) {
      const forPerson = error instanceof UserError;
      say({ failed: forPerson ? error.message : String((error as Error).stack ?? error), forPerson });
    }
  });
}
