/** What is open on the page and belongs to no experiment. */
import { createStore } from "zustand/vanilla";

export type DialogName =
  | "numbers"
  | "generator"
  | "shortcuts"
  | "share"
  | "definitions"
  | "address"
  | "export"
  | "code"
  | "palette";

export const uiStore = createStore<{ dialog: DialogName | null; dropping: boolean; address: string }>(() => ({
  dialog: null,
  dropping: false,
  address: "",
}));

export function showDialog(dialog: DialogName | null): void {
  uiStore.setState({ dialog, address: "" });
}

/** Opens the dialog for addresses with one that was pasted or dropped, or that a link names. */
export function askForAddress(address: string): void {
  uiStore.setState({ dialog: "address", address });
}
