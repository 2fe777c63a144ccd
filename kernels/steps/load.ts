/** Loads every step: a piece of its own in the page and its workers. */
export async function loadSteps(): Promise<void> {
  await import("./index.ts");
}
