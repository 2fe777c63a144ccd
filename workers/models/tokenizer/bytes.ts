/** What tokens stand for, in bytes: text is put together from them, and shown token by token. */

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** The text of one token. Bytes that are not whole characters by themselves are spelled, all of them: <0xE6><0x97>. */
export function pieceOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`).join("");
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The characters that byte-level tokens are spelled with, to the byte of each. Source: `bytes_to_unicode` of GPT-2's `encoder.py`: printable
 * characters of Latin-1 stand for themselves, the other bytes take the code points from 256 on in their order.
 */
const byteOf: ReadonlyMap<string, number> = (() => {
  const bytes = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const itself = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    bytes.set(String.fromCodePoint(itself ? byte : next++), byte);
  }
  return bytes;
})();

/** The bytes of a byte-level token. A character that stands for no byte is taken as text. */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOf.get(character);
    if (byte === undefined) bytes.push(...encoder.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The byte that a token such as <0x0A> stands for; null for any other. */
export function fallbackByte(token: string): number | null {
  const match = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  return match ? Number.parseInt(match[1], 16) : null;
}

/** What SentencePiece writes for a space. */
export const SPACE = "\u2581";

/** The bytes of a token of SentencePiece's kind. */
export function sentencePieceBytes(token: string, withBytes: boolean): Uint8Array {
  const byte = withBytes ? fallbackByte(token) : null;
  return byte === null ? encoder.encode(token.replaceAll(SPACE, " ")) : Uint8Array.of(byte);
}

/** `decode` and `pieces` of a tokenizer whose tokens are bytes. */
export function byBytes(
  bytesOf: (id: number) => Uint8Array,
  special: ReadonlySet<number>,
  /** A space before the first word belongs to the token, not to the text. */
  spaceBefore: boolean,
): { decode(ids: ArrayLike<number>): string; pieces(ids: ArrayLike<number>): string[] } {
  const known = new Map<number, Uint8Array>();
  const bytes = (id: number): Uint8Array => {
    let found = known.get(id);
    if (!found) {
      found = bytesOf(id);
      known.set(id, found);
    }
    return found;
  };
  return {
    decode(ids) {
      const text = textOf(joined(Array.from(ids).flatMap((id) => (special.has(id) ? [] : [bytes(id)]))));
      return spaceBefore && text.startsWith(" ") ? text.slice(1) : text;
    },
    pieces: (ids) => Array.from(ids, (id) => pieceOf(bytes(id))),
  };
}
