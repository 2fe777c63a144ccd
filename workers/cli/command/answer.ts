/** What a command leaves in its folder: `result.npy`, `bits.json` and, where it has any, `codes.npy`. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Claim, type GivenCodes, MOST_CODES } from "../../../kernels/codes/given/claim.ts";
import { openNpy } from "../../checkpoints/npy/npy.ts";
import { UserError } from "../../errors/user-error.ts";
import { nodeSource } from "../../sources/node.ts";
import type { Tensor } from "../../tensors/tensor.ts";

/** Longest `bits.json`, and most parts that it lists. */
const MOST_BITS_BYTES = 2 ** 16;
const MOST_PARTS = 64;
const MOST_WORDS = 200;
const INTEGERS = ["U8", "U16", "U32", "U64", "I8", "I16", "I32", "I64", "BOOL"];

export interface Answer {
  /** Row-major. */
  result: Float32Array;
  claim: Claim;
}

/** Reads the answer for a rows x cols matrix. Rejects with UserError for what is missing or of another form. */
export async function readAnswer(folder: string, who: string, rows: number, cols: number): Promise<Answer> {
  const bits = await readBits(join(folder, "bits.json"), who);
  const result = await withArray(folder, "result.npy", async ({ info, read }) => {
    if (info.dtype !== "F32") throw new UserError(`${who}: result.npy holds ${info.dtype}, and float32 is expected.`);
    if (info.shape.length !== 2 || info.shape[0] !== rows || info.shape[1] !== cols) {
      throw new UserError(
        `${who}: result.npy has the shape ${shapeText(info.shape)}, and that of the matrix is ${rows} x ${cols}.`,
      );
    }
    return read();
  });
  if (!result) throw new UserError(`${who} left no result.npy in the folder of its second argument.`);
  const codes = await withArray(folder, "codes.npy", async ({ info, read }) =>
    codesOf(info.dtype, info.shape, await read(), who, rows, cols),
  );
  return { result, claim: { bits, codes } };
}

const shapeText = (shape: readonly number[]) => shape.join(" x ") || "of a scalar";

/** Reads an npy of the folder; null where there is none. */
async function withArray<T>(
  folder: string,
  name: string,
  take: (tensor: Pick<Tensor, "info"> & { read(): Promise<Float32Array> }) => Promise<T>,
): Promise<T | null> {
  const path = join(folder, name);
  const there = await stat(path).catch(() => null);
  if (!there) return null;
  if (!there.isFile()) throw new UserError(`${name} is no file.`);
  const file = await nodeSource(path);
  try {
    const tensor = await openNpy(file, name, []);
    const { info } = tensor;
    if (info.problem !== undefined) throw new UserError(info.problem);
    return await take({ info, read: () => tensor.read(0, info.elements) });
  } finally {
    await file.close();
  }
}

/** Codes one a value, or one for several values of a row where there are fewer columns. */
function codesOf(
  dtype: string,
  shape: readonly number[],
  values: Float32Array,
  who: string,
  rows: number,
  cols: number,
): GivenCodes {
  if (!INTEGERS.includes(dtype)) throw new UserError(`${who}: codes.npy holds ${dtype}, and integers are expected.`);
  const [first, across] = shape;
  if (shape.length !== 2 || first !== rows || !(across > 0) || cols % across !== 0) {
    throw new UserError(
      `${who}: codes.npy has the shape ${shapeText(shape)}; ${rows} x ${cols} is expected, or fewer columns that divide ${cols} for codes of several values.`,
    );
  }
  // Below this bound float32, as which arrays are read, holds every integer.
  const wrong = values.find((code) => !(code >= 0 && code < MOST_CODES));
  if (wrong !== undefined) {
    throw new UserError(`${who}: codes.npy holds ${wrong}: codes are whole numbers from 0 and below ${MOST_CODES}.`);
  }
  return { values: Uint32Array.from(values), dim: cols / across };
}

/** `{"bitsPerWeight": 4.25, "what": "codes and scales"}`, or a list of these. */
async function readBits(path: string, who: string): Promise<Claim["bits"]> {
  const there = await stat(path).catch(() => null);
  if (!there) throw new UserError(`${who} left no bits.json, which says how many bits a weight it takes.`);
  if (there.size > MOST_BITS_BYTES) throw new UserError(`${who}: bits.json is longer than ${MOST_BITS_BYTES} bytes.`);
  const form = `{"bitsPerWeight": 4.25, "what": "codes and scales"}, or a list of these`;
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, "utf8"));
  } catch {
    throw new UserError(`${who}: bits.json is no JSON; ${form} is expected.`);
  }
  const list = Array.isArray(read) ? read : [read];
  if (list.length === 0 || list.length > MOST_PARTS) {
    throw new UserError(`${who}: bits.json lists ${list.length} parts; 1 to ${MOST_PARTS} are expected.`);
  }
  return list.map((part: unknown) => {
    const { bitsPerWeight, what = `as ${who} says` } = (part ?? {}) as { bitsPerWeight?: unknown; what?: unknown };
    // JSON has no NaN, and a number beyond float64 is read as infinite.
    if (typeof bitsPerWeight !== "number" || !Number.isFinite(bitsPerWeight) || bitsPerWeight < 0) {
      throw new UserError(`${who}: bitsPerWeight in bits.json is no number of 0 or more; ${form} is expected.`);
    }
    if (typeof what !== "string") throw new UserError(`${who}: "what" in bits.json is no text; ${form} is expected.`);
    return { what: what.slice(0, MOST_WORDS), bitsPerWeight };
  });
}
