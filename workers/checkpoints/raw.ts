import { baseName, stem } from "../bytes/paths.ts";
import { UserError } from "../errors/user-error.ts";
import { bytesOf, dtypes, findDtype } from "../tensors/decode.ts";
import { countElements } from "../tensors/shape.ts";
import { defaultView, storedTensor } from "../tensors/tensor.ts";
import type { CheckpointContext, CheckpointKind } from "./checkpoint.ts";

/** How to read a file without a header. */
export interface RawSpec {
  dtype: string;
  shape: number[];
  offset: number;
  littleEndian: boolean;
}

/** Numbers without a header. Nothing in the bytes can tell this; it is chosen by saying dtype and shape. */
export const raw: CheckpointKind = {
  kind: "raw",
  describe: "raw numbers whose dtype and shape you give",
  match: (context) => context.raw !== undefined,
  open: async (context) => openRaw(context, context.raw!),
};

function openRaw({ file }: CheckpointContext, { dtype: dtypeName, shape, offset, littleEndian }: RawSpec) {
  const dtype = findDtype(dtypeName);
  if (!dtype)
    throw new UserError(`There is no dtype "${dtypeName}". There are ${dtypes.map((d) => d.name).join(", ")}.`);
  const isSize = (n: number) => Number.isSafeInteger(n) && n >= 0;
  const elements = countElements(shape);
  if (!shape.every(isSize) || !isSize(elements)) {
    throw new UserError(`The shape must be a list of non-negative whole numbers, not [${shape.join(", ")}].`);
  }
  if (!isSize(offset)) throw new UserError(`The offset must be a non-negative whole number of bytes, not ${offset}.`);
  const end = offset + bytesOf(dtype, elements);
  if (end > file.size) {
    throw new UserError(
      `${file.name}: [${shape.join(", ")}] of ${dtypeName} from byte ${offset} would end at byte ${end}, but the file ends at byte ${file.size}.`,
    );
  }
  const notes = end < file.size ? [`${file.name}: bytes ${end} to ${file.size} after the tensor are not shown.`] : [];
  const info = { name: stem(baseName(file.name)), dtype: dtypeName, shape, elements, view: defaultView(shape) };
  const tensor = storedTensor(info, { source: file, dtype, begin: offset, littleEndian });
  return { kind: "raw", tensors: [tensor], files: [file], notes, metadata: {} };
}
