import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Path of a file of test data that is too large for the repository, or `null` where it is absent. The data lies in a
 * folder `shared` beside the repository; tests that need it skip, and say so in their name.
 */
export function sharedFile(path: string): string | null {
  const full = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  return existsSync(full) ? full : null;
}
