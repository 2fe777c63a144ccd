/** Files from the person: chosen, dropped with their folders, or pasted as numbers. */

import { isAddress } from "../../workers/bytes/paths.ts";
import { withSource } from "../state/experiment.ts";
import { notify } from "../state/notices.ts";
import { askForAddress, uiStore } from "../state/ui.ts";
import type { Workbench } from "../state/workbench.ts";

/** Asks for files; an empty list when the person thinks better of it. */
export function pickFiles(folder: boolean): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.webkitdirectory = folder;
    input.addEventListener("change", () => resolve([...(input.files ?? [])]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await fileOf(entry as FileSystemFileEntry)];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader gives a hundred entries at a time and nothing when it is through.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const child of entries) files.push(...(await filesIn(child)));
  }
}

/** All files of a drop, those in folders included. */
async function droppedFiles(data: DataTransfer): Promise<File[]> {
  // The list is emptied when the event is over, so entries are taken before anything is awaited.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...data.files];
  if (entries.every((entry) => entry === null || entry.isFile)) return plain;
  return (await Promise.all(entries.filter((e) => e !== null).map(filesIn))).flat();
}

const looksLikeNumbers = (text: string): boolean =>
  /[-+.]?\d/.test(text) && !/[a-df-hj-mo-z]{3}/i.test(text.slice(0, 2000));

/** Listens for files and addresses dropped, and for numbers and addresses pasted, anywhere on the page. */
export function startDrops(w: Workbench): () => void {
  const hasFiles = (event: DragEvent) =>
    ["Files", "text/uri-list"].some((type) => event.dataTransfer?.types.includes(type));
  const over = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (!uiStore.getState().dropping) uiStore.setState({ dropping: true });
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) uiStore.setState({ dropping: false });
  };
  const drop = async (event: DragEvent) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    uiStore.setState({ dropping: false });
    // A list of addresses has comments that begin with a hash (RFC 2483).
    const lines = event.dataTransfer.getData("text/uri-list").split(/\r?\n/);
    const address = lines.find((line) => isAddress(line.trim()))?.trim();
    if (address && !event.dataTransfer.types.includes("Files")) return askForAddress(address);
    const files = await droppedFiles(event.dataTransfer);
    if (files.length === 0) notify("The folder is empty: there is no file in it to open.", "error");
    else if (w.calibration.asksFor(files)) await w.calibration.openFiles(files);
    else await w.source.openFiles(files);
  };
  const paste = (event: ClipboardEvent) => {
    if (event.defaultPrevented || uiStore.getState().dialog) return;
    if (event.target instanceof HTMLElement && event.target.matches("input, textarea, [contenteditable]")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (files.length > 0) void w.source.openFiles(files);
    else if (isAddress(text.trim())) askForAddress(text.trim());
    else if (looksLikeNumbers(text)) openNumbers(w, text);
    else if (text.trim() !== "") notify("What was pasted holds no numbers.", "error");
  };
  window.addEventListener("dragover", over);
  window.addEventListener("dragleave", leave);
  window.addEventListener("drop", drop);
  window.addEventListener("paste", paste);
  return () => {
    window.removeEventListener("dragover", over);
    window.removeEventListener("dragleave", leave);
    window.removeEventListener("drop", drop);
    window.removeEventListener("paste", paste);
  };
}

export function openNumbers(w: Workbench, text: string): void {
  w.timeline.change((e) => withSource(e, { kind: "text", text }));
}
