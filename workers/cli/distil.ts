/** `distil MODEL --out FILE`: inputs of linear layers fitted to the norms before them, where there is no text (ZeroQ). */
import { parseArgs } from "node:util";
import { formatBytes } from "../bytes/format-bytes.ts";
import { distilModel, USUAL_DISTIL } from "../distilled/distil.ts";
import { UserError } from "../errors/user-error.ts";
import { openModel } from "../models/open.ts";
import { wholeArgument } from "./amounts.ts";
import { jsonLine, say, sayNotes } from "./say.ts";
import { onlyFile, openArgument } from "./source.ts";
import { Outputs } from "./write.ts";

export async function distilCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    ...{ args, allowPositionals: true },
    options: {
      ...{ out: { type: "string" }, tokens: { type: "string" }, seed: { type: "string" } },
      json: { type: "boolean", default: false },
    },
  });
  if (values.out === undefined) throw new UserError("distil writes a file of calibration: --out FILE.safetensors.");
  const outputs = new Outputs();
  await outputs.claim(values.out, "--out");
  const source = await openArgument(onlyFile("distil", positionals));
  try {
    const control = { signal: new AbortController().signal, progress() {} };
    const spec = {
      tokens: wholeArgument("--tokens", values.tokens, USUAL_DISTIL.tokens),
      seed: wholeArgument("--seed", values.seed, USUAL_DISTIL.seed, 0),
    };
    const { pieces, ...told } = await distilModel(await openModel(source, control.signal), spec, control);
    await outputs.write(values.out, "--out", pieces);
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    if (values.json) {
      process.stdout.write(jsonLine({ model: source.info.label, ...spec, bytes, ...told }));
      return;
    }
    say(`distilled ${told.inputs} inputs of ${told.weights} weights, ${spec.tokens} rows each`);
    say(`match     means and deviations within ${(100 * told.distance).toFixed(2)} % of a deviation`);
    say(`written   ${values.out}, ${formatBytes(bytes)}: use it with --calibration`);
    sayNotes(told.notes);
  } finally {
    source.close();
  }
}
