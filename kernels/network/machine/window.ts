import type { Hidden } from "../types.ts";
import type { Tensor } from "./math.ts";

/** A window on the device: an array of padded length. */
export class Window implements Hidden {
  readonly tokens: number;
  #array: Tensor | null;

  constructor(tokens: number, array: Tensor) {
    this.tokens = tokens;
    this.#array = array;
  }

  /** A reference to the array, of padded rows. */
  get array(): Tensor {
    if (!this.#array) throw new Error("This window was released.");
    return this.#array.ref;
  }

  release(): void {
    this.#array?.dispose();
    this.#array = null;
  }
}
