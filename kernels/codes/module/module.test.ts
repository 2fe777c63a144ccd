/** Modules of the reader's: the example against the recipe that it spells out, and modules that do not do as they should. */
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { compiledModule, moduleOf } from "../../testing/own-module.ts";
import { PAGE_BYTES } from "./memory.ts";
import { provideModules } from "./provide.ts";
import { checkModule, MOST_BYTES, runModule } from "./run.ts";

const [rows, cols] = [8, 80];
const values = normalValues(rows * cols, 21);
const matrix = { rows, cols, values };
const DIGEST = `sha256_${"0123456789abcdef".repeat(4)}`;
const example = async () => compiledModule(await readFile(new URL("assembly/example.ts", import.meta.url), "utf8"));
const copies = "for (let i = 0; i < rows * cols; i++) store<f32>(result + 4 * i, load<f32>(values + 4 * i));";

afterEach(() => provideModules(null));

/** Runs modules on this thread. */
const provide = (bytes: Uint8Array) =>
  provideModules(async () => ({ run: async (_, operand) => runModule(bytes, operand) }));
const own = (text: string) => quantizeText(text.replace("mine", `wasm(${DIGEST})`), values, rows, cols);

describe("the example", () => {
  it("gives the results, codes and bits of the recipe that it spells out", async () => {
    provide(await example());
    const [mine, theirs] = [await own("mine"), await quantizeText("int4/32", values, rows, cols)];
    const [a, b] = [await mine.rows(0, rows), await theirs.rows(0, rows)];
    expect(a.result).toEqual(b.result);
    expect(a.codes).toEqual(b.codes);
    const { saturated, flushed, dead: _, bitsBreakdown, ...figures } = mine.report.metrics;
    for (const [name, value] of Object.entries(theirs.report.metrics)) {
      if (name in figures) expect(figures[name as keyof typeof figures]).toBeCloseTo(value as number, 12);
    }
    expect([saturated, flushed]).toEqual([null, null]);
    expect(bitsBreakdown).toEqual([{ what: "as the module 01234567 says", bitsPerWeight: 4 + (3 * 32) / 80 }]);
    expect(mine.report.notes).toEqual([]);
    expect(mine.report.recipe).toBe(`wasm(${DIGEST})`);
    expect(mine.report.codes!.counts).toHaveLength(16);
    expect(await mine.inspect(3, 70)).toMatchObject({ code: b.codes![3 * cols + 70], result: b.result[3 * cols + 70] });
  });

  it("stands among steps as any quantizer does", async () => {
    provide(await example());
    const recipes = ["rht(16,seed=1)+mine", "outliers(0.01)+mine", "mine+lowrank(2)"];
    for (const text of recipes) {
      const mine = (await own(text)).report.metrics;
      const theirs = (await quantizeText(text.replace("mine", "int4/32"), values, rows, cols)).report.metrics;
      expect(mine.nmse).toBeCloseTo(theirs.nmse!, 12);
      expect(mine.bitsPerWeight).toBeCloseTo(theirs.bitsPerWeight, 9);
    }
  });

  it("may be no codes' solver, has no scale, and nothing may be set after it", () => {
    expect(() => planOf(`gptq+wasm(${DIGEST})`, rows, cols)).toThrow("makes them of whole blocks");
    expect(() => planOf(`wasm(${DIGEST})/32`, rows, cols)).toThrow("brings its own blocks");
    expect(() => planOf("wasm(sha256_12)", rows, cols)).toThrow("sha256_ and 64 hexadecimal digits");
    expect(() => planOf("wasm", rows, cols)).toThrow('"wasm" needs of');
    expect(planOf("mine", rows, cols, [`mine:=wasm(${DIGEST})`]).text).toBe("mine");
  });
});

describe("before it runs, a module is refused that", () => {
  it("is none, or cut off", async () => {
    expect(() => checkModule(new TextEncoder().encode("not a module"))).toThrow("is no WebAssembly module");
    const whole = await moduleOf("return 4;");
    for (const end of [12, 20, whole.length - 1]) expect(() => checkModule(whole.subarray(0, end))).toThrow(/module/);
  });

  it("imports anything", async () => {
    const source = '@external("env", "now") declare function now(): f64;\n';
    const bytes = await compiledModule(
      `${source}export function alloc(n: i32): usize { return heap.alloc(n); }
export function quantize(a: usize, b: i32, c: i32, d: usize, e: usize): f64 { return now(); }`,
    );
    expect(() => checkModule(bytes)).toThrow("the module imports functions or memory");
  });

  it("begins with more memory than there may be", async () => {
    const pages = MOST_BYTES / PAGE_BYTES + 1;
    expect(() => checkModule(memoryAlone(pages))).toThrow(/begins with 32768 pages of memory, and 32767/);
  });

  it("lacks what is called", async () => {
    expect(() => checkModule(memoryAlone(1))).toThrow('exports no memory "memory"');
    const bytes = await compiledModule("export function alloc(n: i32): usize { return heap.alloc(n); }");
    expect(() => checkModule(bytes)).toThrow('exports no function "quantize"');
  });
});

/** A module of a memory alone, with `pages` of it. */
function memoryAlone(pages: number): Uint8Array {
  const number = [(pages & 127) | 128, ((pages >> 7) & 127) | 128, pages >> 14];
  const section = [1, 0, ...number];
  return Uint8Array.of(...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], 5, section.length, ...section);
}

describe("while it runs, a module", () => {
  it("that traps is told with its cause", async () => {
    const bytes = await moduleOf("unreachable(); return 4;");
    expect(() => runModule(bytes, matrix)).toThrow("the module failed where it quantizes: unreachable");
    const outside = await moduleOf("store<f32>(0xfffffff0, 1); return 4;");
    expect(() => runModule(outside, matrix)).toThrow(/failed where it quantizes: memory access out of bounds/);
  });

  it("that has no room, or gives places that cannot be, is refused", async () => {
    const places = (alloc: string) =>
      compiledModule(`export function alloc(n: i32): usize { ${alloc} }
export function quantize(a: usize, b: i32, c: i32, d: usize, e: usize): f64 { return 4; }`);
    await expect(places("return 0;").then((m) => runModule(m, matrix))).rejects.toThrow("found no room");
    await expect(places("return 65536 * 30000;").then((m) => runModule(m, matrix))).rejects.toThrow("found no room");
    await expect(places("return 3;").then((m) => runModule(m, matrix))).rejects.toThrow("no multiple of 4");
    await expect(places("memory.grow(4); return 64;").then((m) => runModule(m, matrix))).rejects.toThrow("overlap");
  });

  it("cannot grow beyond what it may have", async () => {
    const bytes = await moduleOf(`${copies} return memory.grow(40000) == -1 ? 7 : 1;`);
    expect(runModule(bytes, matrix)).toMatchObject({ bitsPerWeight: 7, result: values, codes: null });
  });

  it("that leaves results out has broken ones", async () => {
    provide(await moduleOf("store<f32>(result, 0); return 4;"));
    const { metrics } = (await own("mine")).report;
    expect(metrics.broken).toBe(rows * cols - 1);
  });

  it("that lies about its bits is found out by its codes", async () => {
    provide(
      await moduleOf(`${copies} for (let i = 0; i < rows * cols; i++) store<u32>(codes + 4 * i, i % 16); return 2;`),
    );
    const { notes, metrics } = (await own("mine")).report;
    expect([metrics.codeEntropy, metrics.bitsPerWeight]).toEqual([4, 2]);
    expect(notes[0]).toMatch(/^the module 01234567 says 2 bits a weight, but its own codes have an entropy of 4/);
  });

  it.each([
    ["no number of bits", `${copies} return NaN;`, "says NaN bits a weight"],
    ["bits below zero", `${copies} return -1;`, "says -1 bits a weight"],
    ["endless bits", `${copies} return Infinity;`, "says Infinity bits a weight"],
    ["codes to some values", `${copies} store<u32>(codes, 3); return 4;`, "gave codes to 1 of 640 values"],
    [
      "codes beyond all tables",
      `${copies} memory.fill(codes, 1, 4 * rows * cols); return 4;`,
      "gave the code 16843009",
    ],
  ])("that gives %s is refused", async (_, body, message) => {
    provide(await moduleOf(body));
    await expect(own("mine")).rejects.toThrow(message);
  });
});

it("is not run where nobody runs modules", async () => {
  await expect(own("mine")).rejects.toThrow("are not run here");
});
