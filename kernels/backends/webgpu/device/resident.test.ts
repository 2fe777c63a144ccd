import fc from "fast-check";
import { expect, it } from "vitest";
import { dawnDevice } from "../../../testing/dawn.ts";
import { ComputeDevice } from "./device.ts";
import { ResidentTiles } from "./resident.ts";

const BYTES = 64;
/** Tiles of two sizes, each of a source of its own. */
const tiles = Array.from({ length: 5 }, (_, k) => {
  const input = new Float32Array((k % 2 === 0 ? 1 : 2) * (BYTES / 4)).fill(k + 1);
  return { row0: 0, rows: k % 2 === 0 ? 1 : 2, cols: BYTES / 4, original: input, input, source: {} };
});

it("tiles that come and go within a budget keep their own values and what was derived from them", async () => {
  const compute = new ComputeDevice(await dawnDevice());
  const first = async (buffer: GPUBuffer) => new Float32Array((await compute.run([], [], [[buffer, 4]]))[0])[0];
  const step = fc.record({
    tile: fc.constantFrom(...tiles),
    does: fc.constantFrom("own", "derived", "derived", "forgets", "row amax"),
    key: fc.constantFrom("a", "b"),
  });
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    const resident = new ResidentTiles(compute, 5 * BYTES);
    for (const { tile, does, key } of steps) {
      if (does === "forgets") resident.forget(tile, key);
      const own = resident.bufferOf(tile);
      expect(await first(own)).toBe(tile.input[0]);
      if (does === "row amax") {
        resident.rowAmaxIn(own, tile.rows);
        expect(resident.rowAmaxIn(own, tile.rows).fresh).toBe(false);
      }
      if (does !== "derived") continue;
      const derived = resident.derivedOf(tile, key, [4])!;
      const value = 10 * tile.input[0] + Number(key === "b");
      if (derived.fresh) compute.write(derived.values, new Float32Array(tile.input.length).fill(value));
      expect(await first(derived.values)).toBe(value);
      expect(resident.bufferOf(tile)).toBe(own);
      expect(await first(own)).toBe(tile.input[0]);
    }
    resident.clear();
    expect(tiles.some((tile) => resident.holds(tile))).toBe(false);
  });
  await fc.assert(property, { numRuns: 50 });
});

it("values too many for the budget do not stay, and nothing is derived from them there", async () => {
  const compute = new ComputeDevice(await dawnDevice());
  const resident = new ResidentTiles(compute, 1.5 * BYTES);
  const [small, large] = tiles;
  resident.bufferOf(large);
  expect(resident.holds(large)).toBe(false);
  expect(resident.derivedOf(large, "a", [4])).toBeNull();
  resident.bufferOf(small);
  expect(resident.holds(small)).toBe(true);
  expect(resident.derivedOf(small, "a", [4])).toBeNull();
});
