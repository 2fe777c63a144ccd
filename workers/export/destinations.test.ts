import { describe, expect, it, vi } from "vitest";
import { UserError } from "../errors/user-error.ts";
import { openDestination } from "./destinations.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("parts of a Blob", () => {
  it("come together in their places, with zeros between them", async () => {
    const file = await openDestination(null);
    await file.resize(10);
    await file.write(6, bytes(7, 8));
    await file.write(0, bytes(1, 2));
    const blob = await file.finish();
    expect([...new Uint8Array(await blob!.arrayBuffer())]).toEqual([1, 2, 0, 0, 0, 0, 7, 8, 0, 0]);
  });

  it("are refused beyond what memory allows, before they are made", async () => {
    const file = await openDestination(null);
    await expect(file.resize(5e9)).rejects.toThrow(
      "The file takes 5.0 GB, and this browser may keep it in memory until it is downloaded: 3.2 GB are allowed. " +
        "Write one tensor at a time, or take the command line.",
    );
  });
});

/** A handle whose stream fails in `write` with an error of that name, and tells what was done with it. */
function handle(failing: string | null, size = 0) {
  const did: string[] = [];
  const fail = async () => {
    if (failing) throw new DOMException("it did not work", failing);
  };
  const writable = {
    truncate: async (to: number) => void did.push(`truncate ${to}`),
    write: vi.fn(fail),
    close: async () => void did.push("close"),
    abort: async () => void did.push("abort"),
  };
  const file = {
    name: "out.safetensors",
    getFile: async () => ({ size }),
    createWritable: async () => writable,
    remove: async () => void did.push("remove"),
  };
  return { file: file as unknown as FileSystemFileHandle, writable, did };
}

describe("a file that was picked", () => {
  it("is written in place and closed", async () => {
    const { file, writable, did } = handle(null);
    const destination = await openDestination(file);
    await destination.resize(100);
    await destination.write(8, bytes(1));
    expect(await destination.finish()).toBeNull();
    expect(writable.write).toHaveBeenCalledWith({ type: "write", position: 8, data: bytes(1) });
    expect(did).toEqual(["truncate 100", "close"]);
  });

  it.each([
    [
      "QuotaExceededError",
      "out.safetensors takes no more: the disk, or what this page may use of it, is full. Nothing was kept.",
    ],
    ["NotAllowedError", "out.safetensors may not be written: the browser refused it, or another page is writing it."],
    ["NotFoundError", "out.safetensors was moved or deleted while it was written."],
    ["InvalidStateError", "out.safetensors could not be written: it did not work."],
  ])("says of %s: %s", async (name, sentence) => {
    const { file } = handle(name);
    const destination = await openDestination(file);
    await expect(destination.write(0, bytes(1))).rejects.toThrow(new UserError(sentence));
  });

  it("is taken back, and removed where the picker had made it", async () => {
    for (const [size, done] of [
      [0, ["abort", "remove"]],
      [7, ["abort"]],
    ] as const) {
      const { file, did } = handle(null, size);
      await (await openDestination(file)).discard();
      expect(did).toEqual(done);
    }
  });
});
