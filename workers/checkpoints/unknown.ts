import type { CheckpointContext } from "./checkpoint.ts";
import { loadedKinds } from "./index.ts";

/** How to go on from files that are not read. */
const KERAS = "save its weights by safetensors or numpy.savez, or convert it with tensorflowjs_converter";
const PICKLE = "save its arrays with numpy.savez";

/** What files that are no checkpoint begin with. */
const signatures: readonly { what: string; at?: number; bytes: readonly number[] | string }[] = [
  { what: "a GIF image", bytes: "GIF8" },
  { what: "a WebP image", at: 8, bytes: "WEBP" },
  { what: "a WAV recording", at: 8, bytes: "WAVE" },
  { what: "an MP4 film", at: 4, bytes: "ftyp" },
  { what: "a PDF document", bytes: "%PDF" },
  { what: "a gzip archive: unpack it first", bytes: [0x1f, 0x8b] },
  { what: "a Zstandard archive: unpack it first", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: "a bzip2 archive: unpack it first", bytes: "BZh" },
  { what: "an xz archive: unpack it first", bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { what: "a 7z archive: unpack it first", bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { what: "a RAR archive: unpack it first", bytes: "Rar!" },
  { what: "a tar archive: unpack it first", at: 257, bytes: "ustar" },
  { what: `an HDF5 file (Keras or another), which is not read: ${KERAS}`, bytes: "\x89HDF" },
  { what: `a pickled Python object that torch.save did not write: ${PICKLE}`, bytes: [0x80, 0x02] },
  { what: `a pickled Python object that torch.save did not write: ${PICKLE}`, bytes: [0x80, 0x03] },
  { what: `a pickled Python object that torch.save did not write: ${PICKLE}`, bytes: [0x80, 0x04] },
  { what: `a pickled Python object that torch.save did not write: ${PICKLE}`, bytes: [0x80, 0x05] },
  { what: "a TensorFlow Lite model", at: 4, bytes: "TFL3" },
  { what: "a Parquet table", bytes: "PAR1" },
  { what: "an Arrow table", bytes: "ARROW1" },
  { what: "an SQLite database", bytes: "SQLite format 3" },
  { what: "a WebAssembly module", bytes: "\0asm" },
  { what: "a program", bytes: "\x7fELF" },
  { what: "a program", bytes: "MZ" },
];

/** Beginnings of text files, after white space, in lower case. */
const texts: readonly { what: string; start: string }[] = [
  {
    what: "a Git LFS pointer, not the file it points to: fetch that with `git lfs pull`",
    start: "version https://git-lfs",
  },
  {
    what: "an HTML page, perhaps an error or a login page that was saved in place of the file",
    start: "<!doctype html",
  },
  { what: "an HTML page, perhaps an error or a login page that was saved in place of the file", start: "<html" },
  { what: "an XML document", start: "<?xml" },
  { what: "a JSON object, which holds no tensors", start: "{" },
];

/** The sentence for a file that no parser knows: what it seems to be, and what can be opened. */
export async function describeUnknown(context: CheckpointContext): Promise<string> {
  const { file, head } = context;
  const kinds = (await loadedKinds()).map((kind) => kind.describe).join(", ");
  return `${file.name} is ${guess(head)}. What can be opened: ${kinds}.`;
}

function guess(head: Uint8Array): string {
  if (head.length === 0) return "empty";
  for (const { what, at = 0, bytes } of signatures) {
    const codes = typeof bytes === "string" ? [...bytes].map((c) => c.charCodeAt(0)) : bytes;
    if (codes.every((code, i) => head[at + i] === code)) return what;
  }
  if (head[0] === 0x50 && head[1] === 0x4b) return `a zip archive${zipContent(head)}`;
  const text = new TextDecoder().decode(head).trimStart().toLowerCase();
  const known = texts.find(({ start }) => text.startsWith(start));
  if (known) return known.what;
  if (head.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13))) return "text, but not a list of numbers";
  return "of a type that is not known here";
}

/** The first file in a zip, which tells what wrote it. */
function zipContent(head: Uint8Array): string {
  const length = head[26] | (head[27] << 8);
  const name = new TextDecoder().decode(head.subarray(30, 30 + length));
  if (name === "metadata.json" || name === "config.json") return `, perhaps a Keras model, which is not read: ${KERAS}`;
  if (name === "[Content_Types].xml") return " of an office document";
  return name === "" ? "" : ` of ${name} and perhaps others`;
}
