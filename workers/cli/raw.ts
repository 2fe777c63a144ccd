/** Options that say how to read a file without a header: `--raw F32 --shape 1024x1024 --offset 128 --big-endian`. */
import type { RawSpec } from "../checkpoints/raw.ts";
import { UserError } from "../errors/user-error.ts";

/** For `parseArgs`. */
export const RAW_OPTIONS = {
  raw: { type: "string" },
  shape: { type: "string" },
  offset: { type: "string" },
  "big-endian": { type: "boolean" },
} as const;

export interface RawValues {
  raw?: string;
  shape?: string;
  offset?: string;
  "big-endian"?: boolean;
}

/** What they say, or undefined where the file has a header. Throws UserError; dtype and sizes are checked by the reader. */
export function rawSpec({ raw, shape, offset, "big-endian": bigEndian }: RawValues): RawSpec | undefined {
  if (raw === undefined) {
    if ((shape ?? offset ?? bigEndian) === undefined) return undefined;
    throw new UserError(
      "--shape, --offset and --big-endian are for files without a header: say their dtype with --raw.",
    );
  }
  if (shape === undefined) throw new UserError("--raw needs the shape too: --shape 1024x1024, for example.");
  if (!/^\d+(x\d+)*$/.test(shape)) throw new UserError(`--shape ${shape} is no shape: write one as 1024x1024.`);
  if (offset !== undefined && !/^\d+$/.test(offset))
    throw new UserError(`--offset ${offset} is not a number of bytes.`);
  return {
    dtype: raw.toUpperCase(),
    shape: shape.split("x").map(Number),
    offset: Number(offset ?? 0),
    littleEndian: !bigEndian,
  };
}
