/** Text inside PNG files (iTXt chunks, PNG specification third edition, 11.3.3.4). */

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function textChunk(keyword: string, text: string): Uint8Array {
  const encoder = new TextEncoder();
  // Keyword, its end, not compressed, no compression method, no language, no translated keyword, then the text in UTF-8.
  const data = [...encoder.encode("iTXt"), ...encoder.encode(keyword), 0, 0, 0, 0, 0, ...encoder.encode(text)];
  const chunk = new Uint8Array(data.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length - 4);
  chunk.set(data, 4);
  view.setUint32(data.length + 4, crc32(chunk.subarray(4, data.length + 4)));
  return chunk;
}

/** Length of the signature and the header chunk, which must come first. */
const AFTER_HEADER = 8 + 25;

/** The PNG with texts added after its header. */
export function withTexts(png: Uint8Array, texts: Record<string, string>): Uint8Array {
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, png.length);
  const result = new Uint8Array(total);
  result.set(png.subarray(0, AFTER_HEADER));
  let at = AFTER_HEADER;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  result.set(png.subarray(AFTER_HEADER), at);
  return result;
}

/** The texts of a PNG, by keyword. */
export function textsOf(png: Uint8Array): Record<string, string> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const decoder = new TextDecoder();
  const texts: Record<string, string> = {};
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    const type = decoder.decode(png.subarray(at + 4, at + 8));
    const data = png.subarray(at + 8, at + 8 + length);
    const end = data.indexOf(0);
    if (type === "iTXt" && end > 0)
      texts[decoder.decode(data.subarray(0, end))] = decoder.decode(data.subarray(end + 5));
    at += length + 12;
  }
  return texts;
}
