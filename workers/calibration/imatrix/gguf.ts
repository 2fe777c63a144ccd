/**
 * The GGUF form: of each weight NAME the tensors `NAME.in_sum2` (F32, [experts, columns]) and `NAME.counts` (F32, [experts, 1]); files
 * of newer programs may have `NAME.in_sum` as well, F32 [experts, columns], sums without squares. Metadata: `general.type` = `imatrix`,
 * `imatrix.datasets`, `imatrix.chunk_count`, `imatrix.chunk_size`.
 */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { type GgufEntry, type GgufHeader, isGguf, readGgufHeader } from "../../checkpoints/gguf/header.ts";
import { UserError } from "../../errors/user-error.ts";
import { checkCounts, checkPlain, checkSums, type Imatrix, type ImatrixEntry, type ImatrixSums } from "./types.ts";

const SUMS = ".in_sum2";
const COUNTS = ".counts";
const PLAIN = ".in_sum";

/** Whether a GGUF file's header is that of an importance matrix. */
const isImatrix = ({ metadata, entries }: GgufHeader): boolean =>
  metadata.get("general.type")?.value === "imatrix" || entries.some(({ name }) => name.endsWith(SUMS));

/** Reads the header; null where the file is not GGUF, or is a model. Rejects with UserError. */
export async function openGgufImatrix(file: ByteSource, signal?: AbortSignal): Promise<Imatrix | null> {
  if (file.size < 8 || !isGguf(await file.slice(0, 4, signal))) return null;
  const header = await readGgufHeader(file, signal);
  if (!isImatrix(header)) return null;
  const byName = new Map(header.entries.map((entry) => [entry.name, entry]));
  const entries: ImatrixEntry[] = [];
  for (const { name } of header.entries) {
    if (name.endsWith(SUMS)) entries.push(entryOf(file, name.slice(0, -SUMS.length), byName, header.littleEndian));
    else if (name.endsWith(COUNTS)) partner(file, name.slice(0, -COUNTS.length), SUMS, COUNTS, byName);
  }
  if (entries.length === 0) throw new UserError(`${file.name}: the importance matrix has no entries.`);
  const number = (key: string): number | null => {
    const value = header.metadata.get(key)?.value;
    return typeof value === "number" ? value : null;
  };
  const datasets = header.metadata.get("imatrix.datasets")?.text;
  return {
    form: "gguf",
    entries,
    chunks: number("imatrix.chunk_count"),
    chunkTokens: number("imatrix.chunk_size"),
    datasets: datasets ? [datasets] : [],
    notes: header.notes,
  };
}

/** The tensor of a pair, checked: F32, whole in the file. */
function partner(
  file: ByteSource,
  name: string,
  ending: string,
  other: string,
  byName: ReadonlyMap<string, GgufEntry>,
): GgufEntry {
  const found = byName.get(name + ending);
  if (!found) throw new UserError(`${file.name}: ${name}${other} stands without ${name}${ending}: both make an entry.`);
  if (found.problem) throw new UserError(found.problem);
  if (found.dtype !== "F32") {
    throw new UserError(`${file.name}: ${name}${ending} is stored as ${found.dtype}; sums and counts are F32.`);
  }
  return found;
}

const elementsOf = ({ begin, end }: GgufEntry): number => (end - begin) / 4;

function entryOf(
  file: ByteSource,
  name: string,
  byName: ReadonlyMap<string, GgufEntry>,
  littleEndian: boolean,
): ImatrixEntry {
  const sums = partner(file, name, SUMS, COUNTS, byName);
  const counts = partner(file, name, COUNTS, SUMS, byName);
  const [length, shares] = [elementsOf(sums), elementsOf(counts)];
  if (length === 0 || shares === 0 || length % shares !== 0) {
    throw new UserError(
      `${file.name}: ${name} has ${length} sums for ${shares} counts, which is no whole number each.`,
    );
  }
  const plain = byName.has(name + PLAIN) ? partner(file, name, PLAIN, SUMS, byName) : null;
  if (plain && elementsOf(plain) !== length) {
    throw new UserError(
      `${file.name}: ${name} has ${elementsOf(plain)} sums of inputs for ${length} of their squares.`,
    );
  }
  return {
    name,
    length,
    async read(signal) {
      const read: ImatrixSums = {
        sums: await floats(file, sums, littleEndian, signal),
        counts: new Float64Array(shares),
        ...(plain && { plain: await floats(file, plain, littleEndian, signal) }),
      };
      checkSums(file.name, name, read.sums);
      if (read.plain) checkPlain(file.name, name, read.plain);
      const stored = await floats(file, counts, littleEndian, signal);
      checkCounts(file.name, name, stored);
      // As lround does, ties away from zero: no count is negative.
      stored.forEach((count, i) => {
        read.counts[i] = Math.floor(count + 0.5);
      });
      return read;
    },
  };
}

async function floats(
  file: ByteSource,
  { begin, end }: GgufEntry,
  littleEndian: boolean,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const bytes = await file.slice(begin, end, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, littleEndian));
}
