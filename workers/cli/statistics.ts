/** `statistics CALIBRATION`: what is known of each weight's inputs, as `llama-imatrix --show-statistics` prints it. */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { inputTable } from "../calibration/input-statistics.ts";
import { openCalibration } from "../calibration/open.ts";
import { openFilesAt } from "../sources/node.ts";
import { jsonLine, say, sayNotes } from "./say.ts";
import { onlyFile } from "./source.ts";
import { figure, table } from "./table.ts";

const share = (value: number | null | undefined): string => figure(value == null ? value : 100 * value);

export async function statisticsCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const path = onlyFile("statistics", positionals);
  const control = { signal: new AbortController().signal, progress: () => {} };
  const files = await openFilesAt(path);
  try {
    const calibration = await openCalibration(files, null, basename(path), control.signal);
    try {
      const { tensors, layers } = await inputTable(calibration, control);
      const { kind, notes } = calibration.info;
      if (values.json) {
        process.stdout.write(jsonLine({ file: path, kind, tensors, layers, notes }));
        return;
      }
      const head = ["tensor", "sum", "least", "largest", "mean", "sd", "active %", "N", "entropy", "even %", "loud %"];
      const rows = tensors.map(({ name, statistics: s, cosine, shift }) => [
        ...[name, figure(s?.total), figure(s?.least), figure(s?.largest), figure(s?.mean), figure(s?.deviation)],
        ...[share(s?.active), figure(s?.channels), figure(s?.entropy), share(s?.evenness), share(s?.loud)],
        ...[figure(cosine), figure(shift?.distance)],
      ]);
      const ends = ["cosine", "moved"];
      say("Over the input channels of each weight, of their mean squares:");
      process.stdout.write(table([...head, ...ends], rows, [...head.slice(1), ...ends]));
      if (layers.length > 0) {
        say("By layer, tensors weighed by their channels:");
        const of = layers.map((l) => [String(l.layer), figure(l.total), share(l.loud), figure(l.cosine)]);
        process.stdout.write(table(["layer", "sum", "loud %", "cosine"], of, ["layer", "sum", "loud %", "cosine"]));
      }
      sayNotes(notes);
    } finally {
      calibration.close();
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
