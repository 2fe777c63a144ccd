/** llama.cpp's importance matrix as figures of each tensor: what its statistics say of the inputs that the tensor meets. */
import { signalNamed } from "../../../kernels/signals/index.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { calibrationOf, entryFor, openImatrix } from "../../calibration/imatrix/open.ts";
import type { ImatrixEntry } from "../../calibration/imatrix/types.ts";
import type { SourceInfo } from "../../sources/info.ts";
import type { ScoreFile, SignalScores } from "../types.ts";
import { importedFile, unreadTensor } from "./file.ts";
import { checkMatch, matchesOf } from "./match.ts";

/** Signals of a tensor's inputs alone. */
const SIGNALS = ["energy", "energyEntropy", "loudChannels"] as const;

/** Rejects with UserError, and with AbortError. */
export async function importImatrix(
  file: ByteSource,
  label: string,
  info: SourceInfo,
  signal: AbortSignal,
): Promise<ScoreFile> {
  const matrix = await openImatrix(file, signal);
  const matches = matchesOf(info);
  const entries = new Map<string, ImatrixEntry>();
  const taken = new Set<ImatrixEntry>();
  const misfits: string[] = [];
  for (const one of matches.matrices) {
    const entry = entryFor(matrix, one.tensor);
    if (!entry) continue;
    taken.add(entry);
    // Experts that follow one another have the columns of each in turn.
    if (entry.length % one.cols === 0) entries.set(one.name, entry);
    else misfits.push(`${entry.name} of ${entry.length} columns`);
  }
  const unknown = matrix.entries.filter((entry) => !taken.has(entry)).map(({ name }) => name);
  const notes = [
    ...matrix.notes,
    ...checkMatch(label, info.label, { fitting: [...entries.keys()], unknown, misfits }, matches),
  ];
  const matrices = matches.matrices.filter(({ name }) => entries.has(name));
  const works = await Promise.all(SIGNALS.map((name) => signalNamed(name)!.work!()));
  const values: Record<string, (number | null)[][]> = Object.fromEntries(SIGNALS.map((name) => [name, []]));
  for (const { name, rows, cols } of matrices) {
    const entry = entries.get(name)!;
    const source = { kind: "imatrix", name: `${label}: ${entry.name}` } as const;
    const calibration = await calibrationOf(matrix, entry, cols, source, signal);
    for (const [s, work] of works.entries()) {
      const given = { row0: 0, rows, cols, values: new Float32Array(0), calibration };
      values[SIGNALS[s]].push([work.of === "tensor" ? await work.value(given) : null]);
    }
  }
  const signals: Record<string, SignalScores> = Object.fromEntries(
    SIGNALS.map((name) => [name, { values: values[name], about: `${signalNamed(name)!.says}, from ${label}` }]),
  );
  return importedFile(
    info,
    [],
    matrices.map((one) => unreadTensor(one, null)),
    signals,
    notes,
  );
}
