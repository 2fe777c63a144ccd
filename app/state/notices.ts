/** Sentences for the person that belong to no particular place on the page. */

import { createStore } from "zustand/vanilla";
import { printable } from "../../kernels/text/printable.ts";

export interface Notice {
  id: number;
  tone: "info" | "error";
  text: string;
  action?: { label: string; run(): void };
}

const MOST = 4;
let nextId = 1;

export const noticesStore = createStore<{ notices: Notice[] }>(() => ({ notices: [] }));

/** Shows a sentence; an equal one that is still there is not repeated. */
export function notify(sentence: string, tone: Notice["tone"] = "info", action?: Notice["action"]): number {
  // What a file calls itself is in many of them.
  const text = printable(sentence);
  const { notices } = noticesStore.getState();
  const id = nextId++;
  const others = notices.filter((n) => n.text !== text);
  noticesStore.setState({ notices: [...others, { id, tone, text, action }].slice(-MOST) });
  return id;
}

export function dismiss(id: number): void {
  noticesStore.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }));
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message || "Something went wrong and did not say what.";
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
