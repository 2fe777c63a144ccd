/** What is open on the page and belongs to no experiment. */
import { createStore } from "zustand/vanilla";

export type DialogName = "numbers" | "generator" | "shortcuts" | "share" | "definitions";

export const uiStore = createStore<{ dialog: DialogName | null; dropping: boolean }>(() => ({
  dialog: null,
  dropping: false,
}));

export function showDialog(dialog: DialogName | null): void {
  uiStore.setState({ dialog });
}
