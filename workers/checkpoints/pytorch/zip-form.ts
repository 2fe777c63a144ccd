/**
 * PyTorch's files since 1.6: a zip archive with `NAME/data.pkl`, which describes the tensors, and `NAME/data/KEY` for each
 * storage, stored without compression and so read by range.
 */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { Latest } from "../../bytes/latest.ts";
import { baseName, stem } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Checkpoint, CheckpointContext } from "../checkpoint.ts";
import { MAX_PICKLE } from "../limits.ts";
import { isZip, openEntry, readDirectory, type ZipEntry } from "../zip.ts";
import { PickleBudget } from "./budget.ts";
import { foreignNotes, torchHost } from "./host.ts";
import { listTensors } from "./listing.ts";
import { unpickle } from "./pickle.ts";
import { type FindStorage, savedTensors } from "./tensors.ts";

const PICKLE = /^(?:.*\/)?data\.pkl$/;

/** Whether a zip archive is one of PyTorch's. */
export async function isZipForm({ file, head, signal }: CheckpointContext): Promise<boolean> {
  if (!isZip(head)) return false;
  try {
    return (await readDirectory(file, signal)).some(({ name }) => PICKLE.test(name));
  } catch {
    // Without its directory only the first entry's name tells; `open` then says what is wrong.
    return PICKLE.test(new TextDecoder().decode(head.subarray(30, 30 + (head[26] | (head[27] << 8)))));
  }
}

export async function openZipForm({ file, signal }: CheckpointContext): Promise<Checkpoint> {
  const entries = await readDirectory(file, signal);
  const byName = new Map<string, ZipEntry | "twice">();
  for (const entry of entries) byName.set(entry.name, byName.has(entry.name) ? "twice" : entry);
  const pickle = [...byName.keys()].filter((name) => PICKLE.test(name)).sort((a, b) => a.length - b.length)[0];
  const root = pickle.slice(0, -"data.pkl".length);
  if (byName.has(`${root}constants.pkl`)) {
    throw new UserError(
      `${file.name} is a TorchScript program (torch.jit.save), whose tensors are parts of its code. Save them alone: torch.save(torch.jit.load(path).state_dict(), "weights.pt").`,
    );
  }
  const held = new Latest<Uint8Array>();
  const part = (name: string): ByteSource => {
    const entry = byName.get(name);
    if (entry === "twice") throw new UserError(`${file.name}/${name} is in the archive twice.`);
    if (!entry) throw new UserError(`${file.name}: there is no ${name} in the archive. It was cut off or is damaged.`);
    return openEntry(file, entry, held);
  };
  const littleEndian = byName.has(`${root}byteorder`) ? await readByteOrder(part(`${root}byteorder`), signal) : true;
  const described = part(pickle);
  if (described.size > MAX_PICKLE) {
    throw new UserError(
      `${described.name} is ${formatBytes(described.size)} long; the limit is ${formatBytes(MAX_PICKLE)}. It should hold names and shapes only.`,
    );
  }
  const budget = new PickleBudget();
  const bytes = await described.slice(0, described.size, signal);
  const foreign = new Set<string>();
  const { value } = unpickle(described.name, bytes, torchHost(budget, foreign), budget);
  const { tensors, metadata, understood } = listTensors(file.name, value, stem(baseName(file.name)));

  const sources = new Map<string, ByteSource>();
  const find: FindStorage = ({ key }) => {
    const source = sources.get(key) ?? part(`${root}data/${key}`);
    sources.set(key, source);
    return { source, begin: 0, size: source.size, littleEndian };
  };
  const notes = tensors.length === 0 ? [`${file.name} has no tensors in it.`] : [];
  notes.push(...foreignNotes(file.name, foreign, understood));
  return { kind: "pytorch", tensors: savedTensors(file.name, tensors, find), files: [file], notes, metadata };
}

/** Whether storages are little-endian. Files from before PyTorch 2.1 do not say, and are. */
async function readByteOrder(entry: ByteSource, signal?: AbortSignal): Promise<boolean> {
  const text = new TextDecoder().decode(await entry.slice(0, Math.min(entry.size, 16), signal)).trim();
  if (text === "little" || text === "big") return text === "little";
  throw new UserError(`${entry.name} should say "little" or "big", not ${JSON.stringify(text)}.`);
}
