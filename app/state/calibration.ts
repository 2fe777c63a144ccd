/** What is known of the weights' inputs: a file, a folder or a synthetic calibration, opened as the experiment names it. */
import { createStore } from "zustand/vanilla";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import type { Target } from "../../workers/runs/target.ts";
import type { Fingerprint, SourceInfo } from "../../workers/sources/info.ts";
import type { CalibrationKind, CalibrationSpec } from "../../workers/sources/spec.ts";
import { track } from "./busy.ts";
import { type CalibrationRef, type Experiment, same, withCalibration } from "./experiment.ts";
import { isAbort, messageOf, notify } from "./notices.ts";
import { describeFile, fingerprintsMatch } from "./source.ts";
import type { Timeline } from "./timeline.ts";

export interface CalibrationState {
  ref: CalibrationRef | null;
  /** `asked`: a link names a file, or a capture, that is not at hand. */
  status: "none" | "opening" | "open" | "asked" | "failed";
  info: SourceInfo | null;
  problem: string | null;
}

const none: CalibrationState = { ref: null, status: "none", info: null, problem: null };

export class CalibrationKeeper {
  readonly store = createStore<CalibrationState>(() => none);
  private readonly held: { fingerprints: Fingerprint[]; files: File[]; taken: CalibrationKind | null }[] = [];
  /** What was captured since the page was opened, by how its reference spells it. */
  private readonly captured = new Map<string, File[]>();
  private opening: AbortController | null = null;

  constructor(
    private readonly client: WorkbenchClient,
    private readonly timeline: Timeline,
  ) {
    timeline.subscribe((state) => void this.follow(state.experiment));
    void this.follow(timeline.getState().experiment);
  }

  /** Opens what the experiment names, if it is not the open one. */
  private async follow({ calibration: ref }: Experiment): Promise<void> {
    if (same(ref, this.store.getState().ref)) return;
    this.opening?.abort();
    this.opening = null;
    if (!ref) return this.replace(none);
    const spec = this.specOf(ref);
    if (!spec) return this.replace({ ref, status: "asked", info: null, problem: null });
    const opening = new AbortController();
    this.opening = opening;
    this.replace({ ref, status: "opening", info: null, problem: null });
    try {
      const info = await track(this.client.open(spec, { signal: opening.signal }));
      if (this.opening !== opening) return void this.client.close(info.id).catch(() => {});
      this.accept(ref, info);
    } catch (error) {
      if (this.opening !== opening || isAbort(error)) return;
      this.replace({ ref, status: "failed", info: null, problem: messageOf(error) });
    }
  }

  private specOf(ref: CalibrationRef): CalibrationSpec | null {
    if (ref.kind === "synthetic") return ref;
    if (ref.kind === "captured") {
      const files = this.captured.get(ref.text);
      return files ? { kind: "calibration", files, taken: "capture" } : null;
    }
    const held = this.held.find((h) => fingerprintsMatch(ref.fingerprints, h.fingerprints) && h.taken === ref.taken);
    return held ? { kind: "calibration", files: held.files, taken: held.taken } : null;
  }

  private replace(next: CalibrationState): void {
    const before = this.store.getState().info;
    this.store.setState(next);
    if (before && before.id !== next.info?.id) this.client.close(before.id).catch(() => {});
  }

  private accept(ref: CalibrationRef, info: SourceInfo): void {
    this.replace({ ref, status: "open", info, problem: null });
    for (const note of info.notes) notify(note);
  }

  /** The files of a capture that was made or opened here; null for others. */
  filesOf(text: string): File[] | null {
    return this.captured.get(text) ?? null;
  }

  /** Takes what was captured as the calibration; `info` where it is open already. */
  takeCapture(text: string, files: File[], info: SourceInfo | null = null): void {
    this.captured.set(text, files);
    const next: CalibrationRef = { kind: "captured", text };
    if (info) {
      this.opening?.abort();
      this.opening = null;
      this.accept(next, info);
    } else if (same(next, this.store.getState().ref)) this.store.setState({ ref: null });
    this.timeline.change((e) => withCalibration(e, next));
    if (!info) void this.follow(this.timeline.getState().experiment);
  }

  /**
   * Opens files as the calibration: those that a link asks for complete it, others take its place where none is asked for, or where the
   * person says so (`instead`).
   */
  async openFiles(files: File[], taken: CalibrationKind | null = null, instead = false): Promise<void> {
    if (files.length === 0) return;
    const { ref, status } = this.store.getState();
    const asked = ref?.kind === "files" && (status === "asked" || status === "failed") && !instead ? ref : null;
    const kind = asked ? asked.taken : taken;
    try {
      const info = await track(this.client.open({ kind: "calibration", files, taken: kind }));
      const { digest } = info.metadata;
      if (ref?.kind === "captured" && digest !== undefined && ref.text.includes(digest)) {
        return this.takeCapture(ref.text, files, info);
      }
      if (asked && !fingerprintsMatch(asked.fingerprints, info.fingerprints)) {
        this.client.close(info.id).catch(() => {});
        const [wanted, got] = [asked.fingerprints, info.fingerprints].map((list) => list.map(describeFile).join(", "));
        notify(`This is another file: the calibration of the link is ${wanted}, you gave ${got}.`, "error", {
          label: "Use it anyway",
          run: () => void this.openFiles(files, taken, true),
        });
        return;
      }
      const fingerprints = asked?.fingerprints ?? info.fingerprints;
      this.held.push({ fingerprints: info.fingerprints, files, taken: kind });
      const next: CalibrationRef = { kind: "files", fingerprints, taken: kind };
      this.opening?.abort();
      this.opening = null;
      // Open before the experiment asks for it, so that nothing is opened twice.
      this.accept(next, info);
      this.timeline.change((e) => withCalibration(e, next));
    } catch (error) {
      if (!isAbort(error)) notify(messageOf(error), "error");
    }
  }

  /** Whether files are, by name and size, what a link asks for. */
  asksFor(files: readonly { name: string; size: number }[]): boolean {
    const { ref, status } = this.store.getState();
    if (ref?.kind !== "files" || status !== "asked") return false;
    return ref.fingerprints.every(({ name, size }) => files.some((file) => file.name === name && file.size === size));
  }

  /** What a target has of it: nothing where it is not open; null while it is being opened. */
  beside({ activations }: Experiment): Pick<Target, "calibration" | "activations"> | null {
    const { status, info } = this.store.getState();
    if (status === "opening") return null;
    if (!info) return {};
    return { calibration: info.id, ...(activations !== null && { activations }) };
  }
}
