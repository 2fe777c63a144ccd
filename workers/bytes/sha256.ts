/**
 * SHA-256 (FIPS 180-4). The browser's own is withheld from pages that are not served over HTTPS or from localhost, as
 * when a colleague's machine serves the page on a local network; links must name files there too.
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of 8. */
const ROUND = constants(64, Math.cbrt);
const START = constants(8, Math.sqrt);

function constants(count: number, root: (x: number) => number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return Uint32Array.from(primes, (p) => (root(p) % 1) * 2 ** 32);
}

/** The digest, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const digest = new Sha256();
  digest.update(message);
  return digest.finish();
}

/** The digest of a message that comes in pieces. */
export class Sha256 {
  readonly #state = START.slice();
  readonly #w = new Uint32Array(64);
  /** Bytes that do not fill a block yet. */
  readonly #rest = new Uint8Array(64);
  #length = 0;

  update(piece: Uint8Array): void {
    let at = 0;
    const held = this.#length % 64;
    this.#length += piece.length;
    if (held > 0) {
      at = Math.min(64 - held, piece.length);
      this.#rest.set(piece.subarray(0, at), held);
      if (held + at < 64) return;
      this.#block(viewOf(this.#rest), 0);
    }
    const view = viewOf(piece);
    for (; at + 64 <= piece.length; at += 64) this.#block(view, at);
    this.#rest.set(piece.subarray(at));
  }

  /** 32 bytes; nothing is to be added afterwards. */
  finish(): Uint8Array {
    const bits = BigInt(this.#length) * 8n;
    const end = new Uint8Array(64 * Math.ceil(((this.#length % 64) + 9) / 64) - (this.#length % 64));
    end[0] = 0x80;
    new DataView(end.buffer).setBigUint64(end.length - 8, bits);
    this.update(end);
    const digest = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, i) => {
      digest.setUint32(4 * i, word);
    });
    return new Uint8Array(digest.buffer);
  }

  #block(view: DataView, at: number): void {
    const w = this.#w;
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const a = w[t - 15];
      const b = w[t - 2];
      const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
      const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    compress(this.#state, w);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Lower-case hex. */
export const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

function compress(state: Uint32Array, w: Uint32Array): void {
  let a = state[0] | 0;
  let b = state[1] | 0;
  let c = state[2] | 0;
  let d = state[3] | 0;
  let e = state[4] | 0;
  let f = state[5] | 0;
  let g = state[6] | 0;
  let h = state[7] | 0;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[t] + w[t]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}
