import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import type { CheckpointKind } from "../checkpoint.ts";
import { decodeJpeg, isJpeg } from "./jpeg.ts";
import { decodePng, isPng } from "./png.ts";
import { pictureTensors } from "./samples.ts";

/** A picture's file at most: one of the most samples that are opened, hardly compressed. */
const MOST_BYTES = 2 ** 28;

/** A picture as a tensor: what quantization does to it is seen at a glance. */
export const picture: CheckpointKind = {
  kind: "picture",
  describe: "pictures (PNG, JPEG)",
  match: ({ head }) => isPng(head) || isJpeg(head),
  async open({ file, head, signal }) {
    if (file.size > MOST_BYTES) {
      throw new UserError(
        `${file.name} is a picture of ${formatBytes(file.size)}; up to ${formatBytes(MOST_BYTES)} are opened.`,
      );
    }
    const bytes = new Uint8Array(await file.slice(0, file.size, signal));
    const png = isPng(head);
    const pixels = png ? await decodePng(file.name, bytes) : await decodeJpeg(file.name, bytes);
    const dtype = pixels.white === 65535 ? "U16" : "U8";
    const kept = "Samples are divided by that of full brightness and are not linear: the picture's own curve is kept.";
    const lossy = png ? [] : ["Decoded from JPEG by this browser; another may differ by one step here and there."];
    return {
      kind: png ? "PNG picture" : "JPEG picture",
      tensors: pictureTensors(pixels, dtype),
      files: [file],
      notes: [kept, ...lossy],
      metadata: {},
    };
  },
};
