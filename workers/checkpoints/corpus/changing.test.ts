/** Files that change on disk while they are open, or between two reads of their header; and browsers' names for that. */
import { mkdtempSync, rmSync } from "node:fs";
import { appendFile, mkdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { blobSource, changedError, memorySource } from "../../bytes/byte-source.ts";
import { openPath } from "../../sources/node.ts";
import { openFiles } from "../../sources/open.ts";
import { TensorCache } from "../../tensors/cache.ts";
import { specimens } from "./damage.ts";

const root = mkdtempSync(join(tmpdir(), "quantscope-changing-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const io = () => ({ cache: new TensorCache() });
const CHANGED = /^(?:f|shard) was changed, moved or deleted after it was opened\. Open it again\.$/;

/** Kinds whose tensors stay in their file: a text is read when it is opened, a deflated array inflated for its header. */
const ranged = specimens.filter(({ kind }) => kind !== "text" && kind !== "npz, deflated");

describe.each(ranged)("$kind", ({ kind, bytes, others }) => {
  test("changed after it was opened, no tensor is read any more", async () => {
    const folder = join(root, kind.replace(/\W/g, ""));
    await mkdir(folder);
    for (const [name, content] of Object.entries({ f: bytes, ...others })) await writeFile(join(folder, name), content);
    const source = await openPath(folder, io());
    const data = join(folder, others ? "shard" : "f");
    const first = source.info.tensors[0].name;
    // Of the same length, at another time.
    await utimes(data, 1, 1);
    await expect(source.tensor(first).read(0, 1)).rejects.toThrow(CHANGED);
    await appendFile(data, "x");
    await expect(source.tensor(first).read(0, 1)).rejects.toThrow(CHANGED);
    source.close();
  });

  test("changed while it is being opened, after any number of reads", async () => {
    let reads = 0;
    const counted = (limit: number) => {
      const whole = memorySource("f", bytes);
      reads = 0;
      const slice: typeof whole.slice = async (...range) => {
        if (++reads > limit) throw changedError("f");
        return whole.slice(...range);
      };
      const beside = Object.entries(others ?? {}).map(([name, content]) => memorySource(name, content));
      return openFiles([{ name: "f", size: bytes.length, slice }, ...beside], "id", io());
    };
    await counted(1000);
    const needed = reads;
    for (let limit = 0; limit < needed; limit++) {
      const told = await counted(limit).then(
        ({ info }) => [...info.notes, ...info.tensors.map((t) => t.problem)],
        (error: Error) => [error.message],
      );
      expect(told, `after ${limit} of ${needed} reads`).toContainEqual(expect.stringMatching(CHANGED));
    }
  });

  test("a browser's File that went away", async () => {
    const file = new File([bytes.slice()], "f");
    const beside = Object.entries(others ?? {}).map(([name, content]) => new File([content.slice()], name));
    const source = await openFiles(
      [file, ...beside].map((f) => blobSource(f)),
      "id",
      io(),
    );
    for (const gone of [file, ...beside]) {
      gone.slice = () =>
        ({ arrayBuffer: () => Promise.reject(new DOMException("x", "NotReadableError")) }) as unknown as Blob;
    }
    await expect(source.tensor(source.info.tensors[0].name).read(0, 1)).rejects.toThrow(CHANGED);
  });
});
