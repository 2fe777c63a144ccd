import { UserError } from "../../errors/user-error.ts";
import { MOST_SAMPLES, type Pixels } from "./samples.ts";

export const isJpeg = (head: Uint8Array): boolean => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;

/** Start-of-frame markers: all of 0xc0 to 0xcf but those of tables. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Width and height in the frame header, found before anything is decoded; null where there is none. (ITU-T T.81, B.2.) */
function frameSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Fill bytes stand alone; every other segment says how long it is.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** Decodes a JPEG picture as the browser does, to 8 bits a channel without colour management. Rejects with UserError. */
export async function decodeJpeg(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Pixels> {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function") {
    throw new UserError(`${name}: JPEG pictures are decoded by the browser. Here, give it as PNG.`);
  }
  const size = frameSize(bytes);
  if (!size) throw new UserError(`${name}: the JPEG picture has no frame header, or it was cut off before it.`);
  const { width, height } = size;
  if (width * height === 0 || width * height * 4 > MOST_SAMPLES) {
    throw new UserError(
      `${name}: a picture of ${width} x ${height} pixels is not opened; up to ${MOST_SAMPLES} samples are.`,
    );
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
      imageOrientation: "none",
    });
  } catch {
    throw new UserError(`${name}: the browser cannot decode this JPEG picture; it is damaged.`);
  }
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new UserError(`${name}: the browser gives no canvas to decode a JPEG picture on.`);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const pixels = { width: bitmap.width, height: bitmap.height, channels: 4, samples: data, white: 255 };
  bitmap.close();
  return pixels;
}
