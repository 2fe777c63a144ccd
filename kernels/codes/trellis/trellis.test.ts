import { describe, expect, it } from "vitest";
import { hasNumpy } from "../../python/run-for-test.ts";
import { calibrationOf, correlated, lossOf, solve } from "../../steps/solving/recipes-for-test.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { inNumpy } from "../../testing/numpy.ts";
import { bookOf } from "./books.ts";
import { WalkMachine } from "./machine.ts";
import type { BookName } from "./shape.ts";
import { placesOf } from "./tiles.ts";
import { tailBite } from "./viterbi.ts";

const skipped = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";

/** The decoders as the public sources write them: `decode_1mad`, `decode_3inst`, `quantlut_sym` of QTIP, `decode_3inst` of ExLlamaV3. */
const BOOKS = `
s = np.arange(1 << 16, dtype=np.uint64)
low = np.uint64(0xFFFFFFFF)
bytes_of = lambda x: sum(((x >> np.uint64(k)) & np.uint64(255)).astype(np.int64) for k in (0, 8, 16, 24))
halves = lambda x: np.float16(0) + sum(
    (((x & np.uint64(0x8FFF8FFF)) ^ np.uint64(996162400)) >> np.uint64(k) & np.uint64(0xFFFF)).astype(np.uint16).view(np.float16) for k in (16, 0))
mad1 = ((bytes_of((s * np.uint64(34038481) + np.uint64(76625530)) & low) - 510).astype(np.float32) / np.float32(147.800537109375))[None]
inst3 = halves((s * np.uint64(89226354) + np.uint64(64248484)) & low)[None]
mcg = halves((s * np.uint64(0xCBAC1FED)) & low)[None]
h, bias = np.array([0x1EEE, 0xC931], np.uint16).view(np.float16).astype(np.float64)
mul1 = ((1024 + bytes_of((s * np.uint64(0x83DCD12D)) & low)) * h + bias).astype(np.float16)[None]
hash = s * (s + np.uint64(1))
hybrid = pairs[((hash >> np.uint64(6)) & np.uint64(511)).astype(int)].T.copy()
hybrid[0] *= 1 - 2 * ((hash >> np.uint64(15)) & np.uint64(1)).astype(int)
`;

/** Every state at every step, in float32: the cheapest tail-biting walk given what a free one from the middle crosses the beginning with. */
const VITERBI = `
def run(x, book, bits, pre):
    steps, edges = len(x), 65536 >> bits
    state = np.arange(65536)
    err = lambda i: sum(((b - x[i, k]) ** 2 for k, b in enumerate(book)), np.float32(0))
    cost = err(0)
    if pre is not None:
        cost = np.where(state >> bits == pre, cost, np.float32(np.inf))
    back = np.zeros((steps, edges), int)
    for i in range(steps):
        if i:
            cost = err(i) + reached[state >> bits]
        by = cost.reshape(1 << bits, edges)
        back[i], reached = by.argmin(0), by.min(0)
    return back, reached
def bite(x, book, bits):
    half = len(x) // 2
    back, reached = run(np.roll(x, -half, 0), book, bits, None)
    edge = int(reached.argmin())
    for i in range(len(x) - 1, len(x) - half - 1, -1):
        edge = ((int(back[i, edge]) << (16 - bits)) | edge) >> bits
    pre = edge
    back, reached = run(x, book, bits, pre)
    states = np.zeros(len(x), int)
    for i in range(len(x) - 1, -1, -1):
        states[i] = (int(back[i, edge]) << (16 - bits)) | edge
        edge = states[i] >> bits
    assert edge == pre
    return states
flat = x.ravel().astype(np.float32).reshape(-1, 16 // len(book), len(book))
states = np.concatenate([bite(t, book.astype(np.float32), int(bits[0, 0])) for t in flat])[None]
`;

const nmse = async (recipe: string, side = 96) =>
  (await quantizeText(recipe, normalValues(side * side, 5), side, side)).report.metrics.nmse!;

describe("books of a trellis", () => {
  it.skipIf(skipped)(`are those of the public sources, state by state${skipped}`, async () => {
    const { pairs } = await import("./hybrid-pairs.ts");
    const names: BookName[] = ["mad1", "inst3", "mcg", "mul1", "hybrid"];
    const theirs = inNumpy(BOOKS, { pairs: { rows: 512, cols: 2, values: pairs() } }, names);
    for (const name of names) {
      const own = await bookOf(name);
      expect(own.findIndex((x, s) => x !== Math.fround(theirs[name][s]))).toBe(-1);
    }
  });

  it("have known first values, and the root mean square that ExLlamaV3 scales by", async () => {
    const book = await bookOf("inst3");
    // State 0 of 3INST: 64248484 masked and turned is 0x38b438a4, two halves whose sum is 1.168 in float16.
    const word = (64248484 & 0x8fff8fff) ^ 0x3b603b60;
    expect(word >>> 0).toBe(((64248484 & 0x8fff8fff) ^ 996162400) >>> 0);
    expect(Math.sqrt(book.reduce((sum, x) => sum + x * x, 0) / 65536)).toBeCloseTo(1.24371088, 6);
    expect((await bookOf("hybrid")).length).toBe(2 ** 17);
  });
});

describe("a tail-biting walk", () => {
  const cases: [bits: number, width: 1 | 2, book: BookName][] = [
    [1, 1, "inst3"],
    [2, 1, "inst3"],
    [3, 1, "mad1"],
    [4, 2, "hybrid"],
  ];

  it.each(cases)(
    "of %i bits and %i values a step ends where it began, in wasm as in its definition",
    async (bits, width, name) => {
      const trellis = { bits, width, book: await bookOf(name) };
      const x = normalValues(16, 10 + bits);
      const states = (await WalkMachine.start(trellis)).walk(x, 16);
      expect(states).toEqual(tailBite(trellis, x));
      for (let i = 0; i < states.length; i++) {
        const next = states[(i + 1) % states.length];
        expect(next >> bits).toBe(states[i] & (2 ** (16 - bits) - 1));
      }
    },
  );

  it.skipIf(skipped)(`is NumPy's${skipped}`, async () => {
    for (const [bits, width, name] of [cases[1], cases[3]]) {
      const book = await bookOf(name);
      const x = normalValues(48, 20 + bits);
      const given = {
        x: { rows: 3, cols: 16, values: x },
        book: { rows: width, cols: 65536, values: book },
        bits: { rows: 1, cols: 1, values: Float32Array.of(bits) },
      };
      const own = (await WalkMachine.start({ bits, width, book })).walk(x, 16);
      expect(Float64Array.from(own)).toEqual(inNumpy(VITERBI, given, ["states"]).states);
    }
  });

  it("goes through a tile in the order of tensor cores", () => {
    for (const order of ["qtip", "exl3"] as const) expect(new Set(placesOf(order)).size).toBe(256);
    // `_PERMUTE` begins so; `tensor_core_perm` has inputs as rows: its 0, 16, 128, 144, 8 are these.
    expect([...placesOf("qtip").subarray(0, 8)]).toEqual([0, 1, 128, 129, 8, 9, 136, 137]);
    expect([...placesOf("exl3").subarray(0, 5)]).toEqual([0, 1, 8, 9, 128]);
  });
});

describe("trellis codes", () => {
  it("lose of a Gaussian what QTIP's table 1 has, within what 9,216 values tell", async () => {
    // 0.069 for 3INST and 1MAD, 0.071 for the hybrid, 2^-4 at best; the spread of a mean of so many squares is 1.5 %.
    expect(Math.abs((await nmse("qtip(scale=0.96)")) - 0.069)).toBeLessThan(0.0015);
    expect(Math.abs((await nmse("qtip(book=mad1,scale=0.96)")) - 0.069)).toBeLessThan(0.0015);
    expect(Math.abs((await nmse("qtip(book=hybrid,scale=1)", 64)) - 0.071)).toBeLessThan(0.0025);
    for (const book of ["inst3", "mcg", "mul1"]) expect(await nmse(`exl3(book=${book})`, 64)).toBeLessThan(0.0715);
    expect(await nmse("qtip(3)", 48)).toBeLessThan(0.0195);
  });

  it("count their bits, tell how a code is made up, and are the walk that was found", async () => {
    const quantized = await quantizeText("qtip(book=hybrid)", normalValues(1024, 6), 32, 32);
    const { metrics, codes } = quantized.report;
    expect(metrics.bitsPerWeight).toBe(2 + 32 / 1024);
    // A step of two values has four bits.
    expect(codes!.counts.length).toBe(16);
    expect(codes!.counts.reduce((a, b) => a + b)).toBe(512);
    const seen = await quantized.inspect(17, 21);
    const words = new Map(seen.words!.map(({ what, value }) => [what, value]));
    expect(words.get("tile")).toBe("row 1, column 1");
    expect(Math.fround(Number(words.get("value in hybrid")) * Number(words.get("scale")))).toBe(seen.result);
    expect(Number.parseInt(words.get("state")!.slice(0, 16), 2) & 15).toBe(seen.code);
  });

  it("stand behind a rotation and LDLQ, as the papers have them", async () => {
    const [rows, cols] = [16, 64];
    const w = normalValues(rows * cols, 8);
    const known = calibrationOf(correlated(300, cols, 4), cols);
    const [alone, fed] = [await solve("qtip", w, cols, known), await solve("ldlq+qtip", w, cols, known)];
    expect(lossOf(w, fed.result, known)).toBeLessThan(0.85 * lossOf(w, alone.result, known));
    const turned = await solve("rht(64,seed=1)+ldlq(0.025)+exl3", w, cols, known);
    expect(turned.report.metrics.broken).toBe(0);
    expect(lossOf(w, turned.result, known)).toBeLessThan(lossOf(w, alone.result, known));
  });

  it("leave what is not finite, give zeros for zeros, and refuse what has no tiles", async () => {
    const x = normalValues(256, 7);
    x[9] = Number.NaN;
    const { metrics } = (await quantizeText("qtip", x, 16, 16)).report;
    expect([metrics.nonFinite, metrics.broken]).toEqual([1, 0]);
    const zeros = await quantizeText("exl3", new Float32Array(256), 16, 16);
    expect((await zeros.rows(0, 16)).result).toEqual(new Float32Array(256));
    expect(() => planOf("qtip", 16, 24)).toThrow(
      "qtip codes tiles of 16 x 16, which do not divide a matrix of 16 x 24",
    );
  });
});
