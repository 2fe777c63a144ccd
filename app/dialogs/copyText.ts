import { notify } from "../state/notices.ts";

/** Copies a text, and says so. */
export async function copyText(text: string, said: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    notify(said);
    return true;
  } catch {
    return false;
  }
}
