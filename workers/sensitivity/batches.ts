/** Sums over the gradients of a weight, window by window, in as many batches as memory allows: what differs between them is the error. */

/** Bytes that the sums of a layer may take. */
export const SUMS_BYTES = 2 ** 28;
/** Of each weight in a batch: three float32 sums. */
export const VALUE_BYTES = 12;

/** Of one part of the network: sums of g, of |g| and of g^2 over the windows of each batch. */
export class GradientSums {
  readonly #signed: Float32Array[] = [];
  readonly #magnitude: Float32Array[] = [];
  readonly #square: Float32Array[] = [];
  readonly #batches: number;

  constructor(batches: number) {
    this.#batches = batches;
  }

  /** A window's gradient. */
  add(window: number, gradient: Float32Array): void {
    const b = window % this.#batches;
    this.#signed[b] ??= new Float32Array(gradient.length);
    this.#magnitude[b] ??= new Float32Array(gradient.length);
    this.#square[b] ??= new Float32Array(gradient.length);
    const [signed, magnitude, square] = [this.#signed[b], this.#magnitude[b], this.#square[b]];
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i];
      signed[i] += g;
      magnitude[i] += Math.abs(g);
      square[i] += g * g;
    }
  }

  /** For each batch: sums over windows and weights of g d, of |g d| and of (g d)^2. */
  against(change: Float32Array): ChangeSums {
    const out = noSums(this.#batches);
    for (let b = 0; b < this.#batches; b++) {
      const [signed, magnitude, square] = [this.#signed[b], this.#magnitude[b], this.#square[b]];
      let [along, first, second] = [0, 0, 0];
      for (let i = 0; i < change.length; i++) {
        const d = change[i];
        along += signed[i] * d;
        first += magnitude[i] * Math.abs(d);
        second += square[i] * d * d;
      }
      out.signed[b] = along;
      out.magnitude[b] = first;
      out.square[b] = second;
    }
    return out;
  }
}

/** By batch. */
export interface ChangeSums {
  signed: Float64Array;
  magnitude: Float64Array;
  square: Float64Array;
}

export const noSums = (batches: number): ChangeSums => ({
  signed: new Float64Array(batches),
  magnitude: new Float64Array(batches),
  square: new Float64Array(batches),
});

/** Batches that so many windows are summed up in, where the sums of all parts of a layer take `elements` values each. */
export function batchesOf(windows: number, elements: number): number {
  return Math.max(1, Math.min(windows, Math.floor(SUMS_BYTES / (VALUE_BYTES * Math.max(1, elements)))));
}
