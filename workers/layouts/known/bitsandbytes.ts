import { type Json, parseJson } from "../../checkpoints/json.ts";
import { countElements } from "../../tensors/shape.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { asBytes, elementBytes } from "../bytes.ts";
import { nibbles, rowCodes, wholeBytes } from "../codes.ts";
import type { Grid } from "../decoding.ts";
import { bitsandbytesFacts as facts } from "../facts.ts";
import { storedGrid } from "../grids.ts";
import {
  type Claim,
  expectShape,
  type Layout,
  moduleOf,
  NotDecoded,
  needed,
  type Part,
  plain,
  type Surroundings,
  weightView,
} from "../layout.ts";
import { signedLevels } from "../levels.ts";
import { bitOrder, nibbleOrder } from "../reading.ts";

const order = nibbleOrder(facts.nibbles);

/** The state is a line of JSON. */
const MAX_STATE_BYTES = 65_536;

interface State {
  shape: number[];
  blocksize: number;
  nested: { blocksize: number; offset: number } | null;
}

/**
 * bitsandbytes NF4 and FP4, with its absolute maxima plain or quantized in turn. As the library computes it in float32:
 * map[code] * absmax, where a nested absmax is nested_map[code] * nested_absmax + offset, each step rounded.
 */
export const bitsandbytes4: Layout = {
  name: "bitsandbytes 4-bit",
  anchors: ["bitsandbytes__nf4", "bitsandbytes__fp4"],
  async claim(anchor, surroundings) {
    const { find, signal } = surroundings;
    const kind = anchor.info.name.endsWith("nf4") ? "nf4" : "fp4";
    const name = anchor.info.name.slice(0, -(facts.state.length + kind.length + 1));
    const codes = needed(find, name, "codes");
    const map = needed(find, `${name}.${facts.map}`, "levels");
    expectShape(map, [16], "4 bits");
    const absmax = needed(find, `${name}.${facts.absmax}`, "absolute maxima");
    const state = await readState(plain(anchor), signal);
    const elements = countElements(state.shape);
    // Trainers may declare the bytes as numbers of another type, to shard them with others.
    const bytes = asBytes(codes);
    if (bytes.info.elements < Math.ceil(elements / 2)) {
      throw new NotDecoded(
        `${name} has ${bytes.info.elements} bytes, where ${elements} codes of 4 bits take ${Math.ceil(elements / 2)}`,
      );
    }
    const blocks = Math.ceil(elements / state.blocksize);
    if (absmax.info.elements !== blocks) {
      throw new NotDecoded(
        `${absmax.info.name} has ${absmax.info.elements} values for ${blocks} blocks of ${state.blocksize}`,
      );
    }
    const nested = state.nested && nestedParts(name, find, blocks, state.nested.blocksize);
    // The table of codes is the file's own; it is read once, and its values are float32 already.
    const levels = await map.read(0, 16, signal);
    const preset = `bnb_${kind}`;
    // The presets are those of QLoRA: NF4 nested in blocks of 256, FP4 plain.
    const usualSizes =
      state.blocksize === 64 && (kind === "nf4" ? state.nested?.blocksize === 256 : state.nested === null);
    const parts: Part[] = [
      { role: "codes", tensor: codes },
      { role: "scales", tensor: absmax },
      ...(nested
        ? [
            { role: "scales of scales", tensor: nested.absmax },
            { role: "levels of scales", tensor: nested.map },
          ]
        : []),
      { role: "levels", tensor: map },
      { role: "description", tensor: anchor },
    ];
    return {
      layout: `bitsandbytes ${kind.toUpperCase()}${nested ? ", nested" : ""}`,
      name,
      shape: state.shape,
      view: weightView(state.shape),
      element: kind === "nf4" ? "nf4" : "bnbfp4",
      describe: `4-bit codes of ${kind.toUpperCase()}, two a byte, in flat blocks of ${state.blocksize}${nested ? ", their maxima quantized in turn" : ""}.`,
      source: "its quant_state",
      parts,
      readings: [order],
      recipe: usualSizes
        ? preset
        : `${kind === "nf4" ? "nf4" : "bnbfp4"}(arith=bnb)/flat(${state.blocksize})${state.nested ? `:dynamic8(offset=mean)/flat(${state.nested.blocksize})` : ""}`,
      recipeNote: null,
      notes: [],
      decode: (choices) => ({
        ...{ rows: blocks, cols: state.blocksize, elements, bits: 4 },
        // Rows are blocks; the last may be short, and what it lacks is not asked for.
        codes: rowCodes(bytes, state.blocksize / 2, state.blocksize, nibbles(bitOrder(order, choices))),
        levels,
        block: { rows: 1, cols: state.blocksize },
        scales: nested && state.nested ? nestedScales(absmax, nested, state.nested) : storedGrid(absmax, 1),
      }),
    } satisfies Claim;
  },
};

function nestedParts(name: string, find: Surroundings["find"], blocks: number, size: number) {
  const absmax = needed(find, `${name}.${facts.nestedAbsmax}`, "maxima of maxima");
  const map = needed(find, `${name}.${facts.nestedMap}`, "levels of maxima");
  expectShape(map, [256], "8 bits");
  expectShape(absmax, [Math.ceil(blocks / size)], `blocks of ${size}`);
  return { absmax, map };
}

function nestedScales(
  codes: Tensor,
  { absmax, map }: { absmax: Tensor; map: Tensor },
  { blocksize, offset }: { blocksize: number; offset: number },
): Grid {
  return {
    cols: 1,
    async rows(g0, g1, signal) {
      const n0 = Math.floor(g0 / blocksize);
      const [bytes, levels, outer] = await Promise.all([
        elementBytes(codes, g0, g1, signal),
        map.read(0, 256, signal),
        absmax.read(n0, Math.ceil(g1 / blocksize), signal),
      ]);
      const shift = Math.fround(offset);
      return Float32Array.from(
        bytes,
        (code, i) => Math.fround(levels[code] * outer[Math.floor((g0 + i) / blocksize) - n0]) + shift,
      );
    },
  };
}

async function readState(tensor: Tensor, signal?: AbortSignal): Promise<State> {
  const { name, elements } = tensor.info;
  const wrong = (what: string) => new NotDecoded(`its description, ${name}, ${what}`);
  if (elements > MAX_STATE_BYTES) throw wrong(`has ${elements} bytes; ${MAX_STATE_BYTES} are allowed`);
  let json: Json;
  try {
    json = parseJson(
      new TextDecoder("utf-8", { fatal: true }).decode(await elementBytes(tensor, 0, elements, signal)),
    ).value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw wrong("is not JSON");
  }
  const at = (key: string) => (json instanceof Map ? json.get(key) : undefined);
  const shape = at("shape");
  const size = at("blocksize");
  const whole = (n: unknown): n is number => typeof n === "number" && Number.isSafeInteger(n) && n > 0;
  if (!Array.isArray(shape) || !shape.every(whole)) throw wrong("names no shape");
  // Blocks begin on a byte, and codes of more than a block are read at once.
  if (!whole(size) || size % 2 !== 0 || size > 65_536) throw wrong("names no size of blocks that is even");
  const nestedSize = at("nested_blocksize");
  const offset = at("nested_offset");
  if (nestedSize === undefined) return { shape, blocksize: size, nested: null };
  if (!whole(nestedSize) || typeof offset !== "number") throw wrong("names no size of nested blocks and their offset");
  return { shape, blocksize: size, nested: { blocksize: nestedSize, offset } };
}

/** LLM.int8(): `X.weight` and `X.SCB`. As the library computes it: code * SCB, then times 1/127 in float32, each rounded. */
export const bitsandbytes8: Layout = {
  name: "bitsandbytes INT8",
  anchors: [facts.rowMaxima],
  claim(anchor, { find }) {
    const module = moduleOf(anchor, facts.rowMaxima);
    const codes = find(module + facts.codes);
    if (codes?.info.dtype !== "I8" || codes.info.shape.length !== 2) return null;
    const [rows, cols] = plain(codes).info.shape;
    expectShape(plain(anchor), [rows], "one maximum a row");
    const format = find(`${module}weight_format`);
    return {
      layout: "bitsandbytes INT8",
      name: codes.info.name,
      shape: [rows, cols],
      view: { split: 1, transpose: false },
      element: "int8",
      describe: "8-bit codes, the absolute maximum of each row.",
      source: null,
      parts: [
        { role: "codes", tensor: codes },
        { role: "scales", tensor: anchor },
        ...(format ? [{ role: "description", tensor: format }] : []),
      ],
      readings: [],
      recipe: "int8/row",
      recipeNote: "Columns with outliers are computed in float16 from these same codes.",
      notes: [],
      decode: () => ({
        ...{ rows, cols, elements: rows * cols, bits: 8 },
        codes: rowCodes(codes, cols, cols, wholeBytes),
        levels: signedLevels(8),
        block: { rows: 1, cols },
        scales: storedGrid(anchor, 1),
        factor: facts.overInt8,
      }),
    } satisfies Claim;
  },
};
