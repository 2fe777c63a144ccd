import { expect, it, vi } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { differenceFromReference } from "../compare.ts";
import { Heap } from "./heap.ts";
import { createWasmBackend, loadWasm } from "./index.ts";
import { instantiate } from "./instance.ts";

it("says that memory ran out, and serves what still fits", async () => {
  const heap = new Heap(await instantiate(await loadWasm()));
  const before = heap.take(1000);
  expect(() => heap.take(5e9)).toThrow(RangeError);
  heap.reset(true);
  expect(heap.take(1000)).toBe(before);
});

it("computes on after a growth that failed", async () => {
  const backend = await createWasmBackend();
  const of = { recipe: "ht(64)+nvfp4", rows: 512, cols: 512, values: normalValues(512 * 512) };
  // From the first growth that fails to the last: each leaves the kernels at another step.
  for (let allowed = 0; allowed < 4; allowed++) {
    let left = allowed;
    const grow = WebAssembly.Memory.prototype.grow;
    const spy = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(function (
      this: WebAssembly.Memory,
      n,
    ) {
      if (left-- <= 0) throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
      return grow.call(this, n);
    });
    await differenceFromReference(await createWasmBackend(), of).catch((error) =>
      expect(error).toBeInstanceOf(RangeError),
    );
    await differenceFromReference(backend, of).catch((error) => expect(error).toBeInstanceOf(RangeError));
    spy.mockRestore();
    expect(
      await differenceFromReference(backend, { ...of, rows: 8, values: of.values.subarray(0, 8 * 512) }),
    ).toBeNull();
  }
  expect(await differenceFromReference(backend, of)).toBeNull();
});
