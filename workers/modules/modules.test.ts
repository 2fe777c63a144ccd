/** Modules on threads of Node's: what never ends, what is no longer wanted, what is not there. */
import { describe, expect, it } from "vitest";
import { normalValues } from "../../kernels/testing/matrix.ts";
import { moduleOf } from "../../kernels/testing/own-module.ts";
import { digestOf, nameFrom } from "./names.ts";
import { holdModule, processModules } from "./node.ts";

const matrix = { rows: 4, cols: 8, values: normalValues(32, 2) };
const wanted = async () => {};

async function held(body: string): Promise<string> {
  const bytes = await moduleOf(body);
  const digest = digestOf(bytes);
  holdModule(digest, bytes);
  return digest;
}

describe("a module on a thread of its own", () => {
  it("gives its answer", async () => {
    const digest = await held("store<f32>(result, load<f32>(values) * 2); return 3;");
    const { result, codes, bitsPerWeight } = await processModules().run(digest, matrix, wanted);
    expect([result[0], codes, bitsPerWeight]).toEqual([matrix.values[0] * 2, null, 3]);
    expect(result[1]).toBeNaN();
  });

  it("is ended where it loops, and the next one runs", async () => {
    const digest = await held("while (true) { store<f32>(result, load<f32>(result) + 1); } return 3;");
    await expect(processModules(1).run(digest, matrix, wanted)).rejects.toThrow(
      /^the module [0-9a-f]{8} took longer than 1 seconds and was ended$/,
    );
    expect(await processModules().run(await held("return 5;"), matrix, wanted)).toMatchObject({ bitsPerWeight: 5 });
  });

  it("is ended where it is no longer wanted", async () => {
    const digest = await held("while (true) { store<f32>(result, load<f32>(result) + 1); } return 3;");
    const start = performance.now();
    const given = async () => {
      if (performance.now() - start > 300) throw new DOMException("stopped", "AbortError");
    };
    await expect(processModules().run(digest, matrix, given)).rejects.toThrow("stopped");
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("is told by its name where it fails, and where it is not there", async () => {
    const digest = await held("unreachable(); return 3;");
    const name = `the module ${digest.slice(7, 15)}`;
    await expect(processModules().run(digest, matrix, wanted)).rejects.toThrow(`${name} failed where it quantizes`);
    const other = `sha256_${"0".repeat(64)}`;
    await expect(processModules().run(other, matrix, wanted)).rejects.toThrow("the module 00000000 is not here");
  });
});

it("is named after its file, by what a definition may be called", () => {
  const taken = new Set(["mine", "int4"]);
  const named = (file: string) => nameFrom(file, (name) => taken.has(name));
  expect(named("/a/b/My quantizer (2).wasm")).toBe("my_quantizer_2");
  expect(named("mine.wasm")).toBe("mine_2");
  expect(named("4bit.WASM")).toBe("own_4bit");
  expect(named(".wasm")).toBe("own");
  expect(named("int4.wasm")).toBe("int4_2");
});
