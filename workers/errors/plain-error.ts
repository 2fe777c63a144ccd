import { notLoaded } from "./not-loaded.ts";
import { UserError } from "./user-error.ts";

/**
 * An error as a person is told it. Engines have several sentences for memory that ran out, all of them RangeErrors, and for
 * modules that did not come; a person needs another.
 */
export function plainError(error: unknown): unknown {
  if (error instanceof RangeError && /alloc|array length|buffer length|memory/i.test(error.message)) {
    return new UserError(
      `There was not enough memory for this (${error.message}). Close other tabs, or take a smaller tensor.`,
    );
  }
  return notLoaded(error);
}
