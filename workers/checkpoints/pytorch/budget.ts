import { formatBytes } from "../../bytes/format-bytes.ts";
import { MAX_PICKLE, MAX_PICKLE_OBJECTS } from "../limits.ts";
import { PickleMistake } from "./values.ts";

/** What is built may be no more than this, all pickles of a file together. */
export class PickleBudget {
  #objects = 0;
  #bytes = 0;

  /** Throws PickleMistake once too many objects were made. */
  objects(count: number): void {
    this.#objects += count;
    if (this.#objects > MAX_PICKLE_OBJECTS) {
      throw new PickleMistake(`it makes more than ${MAX_PICKLE_OBJECTS} objects, the limit`);
    }
  }

  /** Throws PickleMistake once too many bytes were copied. */
  bytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > MAX_PICKLE)
      throw new PickleMistake(`it makes more than ${formatBytes(MAX_PICKLE)} of bytes, the limit`);
  }
}
