/** A part of the program that could not be fetched: the network went, or the server has another version by now. */
import { UserError } from "./user-error.ts";

/** What browsers say when a module of a dynamic import does not come. */
const SAYS =
  /dynamically imported module|importing a module script|module script failed|error loading .*module|preload CSS/i;

/** Whether this is why something failed: it may come when it is asked for again. */
export const isNotLoaded = (error: unknown): boolean =>
  error instanceof PartNotLoaded || (error instanceof Error && SAYS.test(error.message));

export class PartNotLoaded extends UserError {}

/** The same in a sentence for the person; any other error as it is. */
export function notLoaded(error: unknown): unknown {
  if (!isNotLoaded(error) || error instanceof PartNotLoaded) return error;
  return new PartNotLoaded(
    "A part of this page could not be loaded. Look to the connection and try again; where a newer version of the page has taken its " +
      "place, reload it.",
  );
}
