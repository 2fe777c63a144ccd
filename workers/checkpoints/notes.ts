/** Notes about files, of which a damaged or hostile one could give rise to a million. */

/** Notes of a kind that are told one by one; people read no more. */
const TOLD = 10;
/** Files that are named one by one. */
const NAMED = 5;

/** The first of many notes of a kind, and with `more` how many are left out. */
export function firstNotes(notes: readonly string[], more: (count: number) => string): string[] {
  if (notes.length <= TOLD) return [...notes];
  return [...notes.slice(0, TOLD), more(notes.length - TOLD)];
}

/** The names of shards, in a sentence. */
export function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, NAMED).join(", ");
  return paths.length > NAMED ? `${shown} and ${paths.length - NAMED} more shards` : shown;
}
