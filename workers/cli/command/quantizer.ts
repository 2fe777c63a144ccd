/** `--quantizer 'python3 mine.py'`: a program of the reader's that quantizes a matrix, measured as given results are. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Given } from "../../../kernels/engine/given.ts";
import { MOST_GIVEN } from "../../../kernels/formats/registry.ts";
import type { MatrixSource } from "../../../kernels/matrix/source.ts";
import { UserError } from "../../errors/user-error.ts";
import { npyBytes, npyHeader } from "../../export/npy-header.ts";
import type { GivenMatrices } from "../../runs/given.ts";
import type { RunOrder } from "../../runs/runs.ts";
import { forgetLeftover, removeWhenStopped } from "../leftovers.ts";
import { readAnswer } from "./answer.ts";
import { runProgram } from "./run.ts";
import { commandWords } from "./words.ts";

/** For `parseArgs`. */
export const QUANTIZER_OPTIONS = {
  quantizer: { type: "string" },
  "quantizer-seconds": { type: "string" },
} as const;

export type QuantizerValues = { [K in keyof typeof QUANTIZER_OPTIONS]?: string | undefined };

const USUAL_SECONDS = 600;
const TILE_ELEMENTS = 2 ** 20;

export interface CommandQuantizer {
  /** Its place among what is given: behind the other checkpoints. */
  recipe: string;
  /** What stands beside a tensor where this is the recipe: those of other checkpoints, then what the command makes of `matrix`. */
  beside(others: NonNullable<RunOrder["given"]>, matrix: MatrixSource): NonNullable<RunOrder["given"]>;
}

/** Reads the options; `others` checkpoints are given before it. Null where there is no command. Rejects with UserError. */
export async function openQuantizer(values: QuantizerValues, others: number): Promise<CommandQuantizer | null> {
  const { quantizer, "quantizer-seconds": limit } = values;
  if (quantizer === undefined) {
    if (limit === undefined) return null;
    throw new UserError("--quantizer-seconds is the time limit of a command: name it with --quantizer.");
  }
  if (others >= MOST_GIVEN) {
    throw new UserError(
      `Results come from ${MOST_GIVEN} places at most, and --other names as many beside --quantizer.`,
    );
  }
  const seconds = limit === undefined ? USUAL_SECONDS : Number(limit);
  if (!(seconds > 0 && seconds <= 2 ** 20)) {
    throw new UserError(`--quantizer-seconds takes a number of seconds above 0, not "${limit}".`);
  }
  const words = commandWords(quantizer);
  const { digest, files } = await digestOf(words);
  const of = others === 0 ? "" : `${others + 1},`;
  const recipe = `given(${of}by=sha256_${digest})`;
  // The program itself, not what runs it.
  const who = basename(files.find((file) => file !== words[0]) ?? words[0]);
  const made = new WeakMap<MatrixSource, Promise<Given>>();
  const resultOf = (matrix: MatrixSource) => {
    const known = made.get(matrix);
    if (known) return known;
    const running = quantizeBy(words, seconds, who, matrix);
    made.set(matrix, running);
    return running;
  };
  return {
    recipe,
    beside: (given, matrix) => ({
      key: JSON.stringify([given.key, digest]),
      async open(): Promise<GivenMatrices> {
        const before = others === 0 ? [] : await given.open();
        return [...before, await resultOf(matrix)];
      },
    }),
  };
}

/**
 * What names a command: its words, and in the place of those that are files the SHA-256 of what is in them, so that a changed program is
 * another and a moved one is not.
 */
async function digestOf(words: readonly string[]): Promise<{ digest: string; files: string[] }> {
  const files: string[] = [];
  const parts = await Promise.all(
    words.map(async (word) => {
      const there = await stat(word).catch(() => null);
      if (!there?.isFile()) return word;
      return [await fileDigest(word)];
    }),
  );
  parts.forEach((part, i) => {
    if (typeof part !== "string") files.push(words[i]);
  });
  return { digest: createHash("sha256").update(JSON.stringify(parts)).digest("hex"), files };
}

async function fileDigest(path: string): Promise<string> {
  const digest = createHash("sha256");
  try {
    for await (const piece of createReadStream(path)) digest.update(piece as Buffer);
  } catch (error) {
    throw new UserError(`--quantizer: ${path} could not be read: ${(error as Error).message}.`);
  }
  return digest.digest("hex");
}

/** Runs the command on a matrix, in a folder that is removed after. */
async function quantizeBy(
  words: readonly string[],
  seconds: number,
  who: string,
  matrix: MatrixSource,
): Promise<Given> {
  const { rows, cols, name } = matrix;
  const folder = await mkdtemp(join(tmpdir(), "quantscope-quantizer-"));
  removeWhenStopped(folder);
  try {
    const input = join(folder, "matrix.npy");
    await writeMatrix(input, matrix);
    const results = await mkdtemp(join(folder, "results-"));
    await runProgram(words, [input, results], seconds);
    const { result, claim } = await readAnswer(results, who, rows, cols);
    const bitsPerWeight = claim.bits.reduce((sum, part) => sum + part.bitsPerWeight, 0);
    return {
      matrix: {
        ...{ name, shape: [rows, cols], view: { split: 1, transpose: false }, rows, cols },
        notes: [`results are by ${words.join(" ")}`],
        read: async (row0, row1) => result.slice(row0 * cols, row1 * cols),
      },
      bitsPerWeight,
      what: `as ${who} says`,
      claim: { ...claim, who },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
    forgetLeftover(folder);
  }
}

async function writeMatrix(path: string, { rows, cols, read }: MatrixSource): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(npyHeader("<f4", [rows, cols]));
    const step = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
    for (let row = 0; row < rows; row += step) {
      await file.writeFile(npyBytes("<f4", await read(row, Math.min(rows, row + step))));
    }
  } finally {
    await file.close();
  }
}
