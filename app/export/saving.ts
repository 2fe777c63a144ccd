/** A file on its way to the disk: where it goes, how far it is, how it is stopped. */
import { createStore } from "zustand/vanilla";
import type { FilePlan, FileRequest } from "../../workers/export/request.ts";
import type { Progress } from "../../workers/pace/progress.ts";
import { download } from "../files/download.ts";
import { begin } from "../state/busy.ts";
import { isAbort, messageOf } from "../state/notices.ts";
import type { Workbench } from "../state/workbench.ts";

export interface Saved {
  name: string;
  bytes: number;
  notes: string[];
  /** What has to lie beside the file, and its name there. */
  config: { text: string; name: string } | null;
}

export type SavingState =
  | { stage: "idle"; problem: string | null }
  | { stage: "writing"; name: string; progress: Progress | null }
  | { stage: "saved"; saved: Saved };

export const savingStore = createStore<SavingState>(() => ({ stage: "idle", problem: null }));
const idle = (problem: string | null) => savingStore.setState({ stage: "idle", problem }, true);
let job: AbortController | null = null;

export const STOPPED = "Stopped. What was written of the file is removed.";

/** Stops what is being written; false where nothing is. */
export function stopSaving(): boolean {
  if (!job) return false;
  job.abort();
  return true;
}

/** Forgets the last file, before the next is described. */
export function resetSaving(): void {
  if (!job) idle(null);
}

/** Where browsers have it: asks for a place, and gives a handle to write there. */
type SavePicker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
const savePicker = (): SavePicker | undefined => (window as { showSaveFilePicker?: SavePicker }).showSaveFilePicker;

/**
 * Asks where the file should go, where the browser can ask, and writes it there; else it is written to the browser's own
 * storage and then downloaded. Call it from a click or a key: browsers open no picker without one.
 */
export async function save(w: Workbench, request: FileRequest, plan: FilePlan, suggested: string): Promise<void> {
  let handle: FileSystemFileHandle | null = null;
  try {
    handle = (await savePicker()?.call(window, { suggestedName: suggested })) ?? null;
  } catch (error) {
    // Nobody chose a place.
    if (!isAbort(error)) idle(`The browser gave no place to write to: ${messageOf(error)}`);
    return;
  }
  const controller = new AbortController();
  job = controller;
  const name = handle?.name ?? suggested;
  savingStore.setState({ stage: "writing", name, progress: null }, true);
  const end = begin();
  try {
    const { bytes, notes, file } = await w.client.call(
      "saveFile",
      { ...request, handle },
      {
        signal: controller.signal,
        onProgress: (progress) => savingStore.setState({ stage: "writing", name, progress }, true),
      },
    );
    if (file) download(file, name, "application/octet-stream");
    const config =
      plan.config === null ? null : { text: plan.config, name: `${name.replace(/\.\w+$/, "")}.config.json` };
    savingStore.setState({ stage: "saved", saved: { name, bytes, notes: [...plan.notes, ...notes], config } }, true);
  } catch (error) {
    idle(isAbort(error) ? STOPPED : messageOf(error));
  } finally {
    job = null;
    end();
  }
}
