/**
 * Names that come later. The page's first figures are of recipes with few names: the rest of the notation's vocabulary is a piece of its
 * own (`kernels/notation/all.ts`), which programs import first, and the page and its workers load when a text asks for it, or soon after.
 */
let count = 0;
const waiting = new Set<() => void>();

/** Says that names came. */
export function arrived(): void {
  count++;
  for (const heard of waiting) heard();
}

/** How often names came: another number, another vocabulary. */
export const arrivals = (): number => count;

/** Calls back when names come. Gives what ends that. */
export function whenNamesCome(heard: () => void): () => void {
  waiting.add(heard);
  return () => waiting.delete(heard);
}

/**
 * Whether a text of the notation, or a link that holds some, may use a name of the later ones: steps are joined to their recipe by a plus,
 * and scale rules begin with a tilde.
 */
export const maySayMore = (text: string): boolean => /[+~]|%2b|%7e/i.test(text);
