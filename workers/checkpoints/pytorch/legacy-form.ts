/**
 * PyTorch's files before 1.6 (and with `_use_new_zipfile_serialization=False`): five pickles one after the other (a magic
 * number, a version, the writer's system, the object, the storages' keys), then each storage as its number of elements (8
 * bytes) and its elements, little-endian on every system.
 */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { baseName, stem } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import type { Checkpoint, CheckpointContext } from "../checkpoint.ts";
import { MAX_PICKLE, MAX_STORAGES } from "../limits.ts";
import { PickleBudget } from "./budget.ts";
import { foreignNotes, torchHost } from "./host.ts";
import { listTensors } from "./listing.ts";
import { type PickleHost, unpickle } from "./pickle.ts";
import { PickleCut } from "./reader.ts";
import { SavedStorage } from "./saved.ts";
import { type FindStorage, type StoragePlace, savedTensors } from "./tensors.ts";
import { elementBytes } from "./torch-types.ts";
import { PyList, type PyValue } from "./values.ts";

/** 0x1950a86a20f9469cfc6c as pickles of protocol 2 and later write it, with the opcode before it. */
const MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const MAGIC_TEXT = "L119547037146038801333356";
const VERSION = 1001;

/** Whether a file begins with the magic number: after a protocol and perhaps a frame. */
export function isLegacyForm(head: Uint8Array): boolean {
  for (const at of [2, 11]) if (MAGIC.every((byte, i) => head[at + i] === byte)) return true;
  return new TextDecoder("latin1").decode(head.subarray(0, MAGIC_TEXT.length)) === MAGIC_TEXT;
}

/** Whether a file is a tar archive of PyTorch's first years. */
export function isTarForm(head: Uint8Array): boolean {
  if (new TextDecoder("latin1").decode(head.subarray(257, 262)) !== "ustar") return false;
  const name = new TextDecoder("latin1").decode(head.subarray(0, 100)).replace(/\0.*$/s, "");
  return ["sys_info", "pickle", "tensors", "storages"].includes(baseName(name));
}

/** Bytes read for the pickles, when the ones before were too few. */
const WINDOWS = [2 ** 16, 2 ** 20, 2 ** 24, MAX_PICKLE];

export async function openLegacyForm({ file, signal }: CheckpointContext): Promise<Checkpoint> {
  const { value, storages, end, foreign } = await readPickles(file, signal);
  const { tensors, metadata, understood } = listTensors(file.name, value, stem(baseName(file.name)));
  const { places, problem } = await placeStorages(file, storages, end, signal);
  const find: FindStorage = ({ key }) => {
    const place = places.get(key);
    if (place) return place;
    throw new UserError(problem ?? `${file.name}: storage ${key} is not among the storages of the file.`);
  };
  const notes = [...(problem ? [problem] : []), ...foreignNotes(file.name, foreign, understood)];
  return { kind: "pytorch", tensors: savedTensors(file.name, tensors, find), files: [file], notes, metadata };
}

interface Pickles {
  value: PyValue;
  /** In the order of their bytes. */
  storages: SavedStorage[];
  /** Byte after the last pickle. */
  end: number;
  /** Names that are not known. */
  foreign: ReadonlySet<string>;
}

async function readPickles(file: ByteSource, signal?: AbortSignal): Promise<Pickles> {
  for (const window of WINDOWS) {
    const bytes = await file.slice(0, Math.min(window, file.size), signal);
    try {
      return parsePickles(file.name, bytes);
    } catch (error) {
      if (!(error instanceof PickleCut) || bytes.length === file.size || window === MAX_PICKLE) throw error;
    }
  }
  throw new UserError(`${file.name}: its pickles could not be read.`);
}

function parsePickles(name: string, bytes: Uint8Array): Pickles {
  const budget = new PickleBudget();
  const known = new Map<string, SavedStorage>();
  const foreign = new Set<string>();
  const torch = torchHost(budget, foreign);
  const host: PickleHost = {
    ...torch,
    persistent(id) {
      const storage = torch.persistent(id);
      if (storage instanceof SavedStorage && !known.has(storage.key)) known.set(storage.key, storage);
      return storage;
    },
  };
  const magic = unpickle(name, bytes, host, budget);
  const version = unpickle(name, bytes, host, budget, magic.end);
  if (version.value !== VERSION)
    throw new UserError(`${name}: the version of this PyTorch file is ${String(version.value)}; ${VERSION} is read.`);
  const system = unpickle(name, bytes, host, budget, version.end);
  const object = unpickle(name, bytes, host, budget, system.end);
  const keys = unpickle(name, bytes, host, budget, object.end);
  if (!(keys.value instanceof PyList)) throw new UserError(`${name}: after the tensors there is no list of storages.`);
  if (keys.value.items.length > MAX_STORAGES)
    throw new UserError(`${name}: the file has ${keys.value.items.length} storages; the limit is ${MAX_STORAGES}.`);
  const storages = keys.value.items.map((key) => {
    const storage = typeof key === "string" ? known.get(key) : undefined;
    if (storage?.type.element) return storage;
    throw new UserError(`${name}: storage ${String(key)} is in the file, but no tensor says of which type it is.`);
  });
  return { value: object.value, storages, end: keys.end, foreign };
}

/** Walks over the storages by their lengths. Where the file ends too early, those that are whole stay. */
async function placeStorages(
  file: ByteSource,
  storages: readonly SavedStorage[],
  start: number,
  signal?: AbortSignal,
): Promise<{ places: Map<string, StoragePlace>; problem: string | null }> {
  const places = new Map<string, StoragePlace>();
  let at = start;
  for (const [number, { key, type }] of storages.entries()) {
    const where = `storage ${key}, ${number + 1} of ${storages.length}`;
    if (at + 8 > file.size)
      return { places, problem: `${file.name}: the file ends at byte ${file.size}, before ${where}. It was cut off.` };
    const length = await file.slice(at, at + 8, signal);
    const count = Number(new DataView(length.buffer, length.byteOffset).getBigUint64(0, true));
    const size = count * elementBytes(type.element!);
    if (at + 8 + size > file.size) {
      return {
        places,
        problem: `${file.name}: ${where}, should take bytes ${at + 8} to ${at + 8 + size}, but the file ends at byte ${file.size}. It was cut off or is damaged.`,
      };
    }
    places.set(key, { source: file, begin: at + 8, size, littleEndian: true });
    at += 8 + size;
  }
  return { places, problem: null };
}
