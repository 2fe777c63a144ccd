/** The command line: `npm run -s cli -- COMMAND`. A failure is one line on standard error and exit status 1. */
import "../../kernels/notation/all.ts";
import { provideWalks } from "../../kernels/codes/trellis/pool.ts";
import { providePool } from "../../kernels/linalg/pool.ts";
import { UserError } from "../errors/user-error.ts";
import { attentionCommand } from "./attention.ts";
import { captureInputs } from "./capture.ts";
import { endDawn } from "./dawn.ts";
import { distilCommand } from "./distil.ts";
import { embeddingsCommand } from "./embeddings.ts";
import { exportFile } from "./export.ts";
import { oneLine } from "./failure.ts";
import { formats } from "./formats.ts";
import { inspect } from "./inspect.ts";
import { lm } from "./lm.ts";
import { model } from "./model.ts";
import { quantize } from "./quantize.ts";
import { complain } from "./say.ts";
import { statisticsCommand } from "./statistics.ts";
import { sweep } from "./sweep.ts";

const commands: Record<string, (args: string[]) => Promise<void>> = {
  formats,
  inspect,
  quantize,
  sweep,
  capture: captureInputs,
  distil: distilCommand,
  statistics: statisticsCommand,
  export: exportFile,
  lm,
  model,
  attention: attentionCommand,
  embeddings: embeddingsCommand,
};

async function main([name, ...args]: string[]): Promise<void> {
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : null;
  const known = `There are ${Object.keys(commands).join(", ")}.`;
  if (!command)
    throw new UserError(
      name === undefined ? `A command is missing. ${known}` : `There is no command "${name}". ${known}`,
    );
  await command(args);
}

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

providePool(async () => (await import("../linalg/node.ts")).processPool());
provideWalks(async () => (await import("../linalg/node.ts")).processPool().walks);

try {
  await main(process.argv.slice(2));
} catch (error) {
  complain(oneLine(error));
  process.exitCode = 1;
}
endDawn();
