/** Captures a model's inputs in its worker, and takes what comes out as the calibration. Loaded when somebody asks for it. */
import { createStore } from "zustand/vanilla";
import { isOfModel } from "../../workers/capture/metadata.ts";
import { parseReference, type TextName } from "../../workers/capture/reference.ts";
import type { CaptureAnswer, CapturePart, CaptureRequest } from "../../workers/capture/request.ts";
import type { CaptureSpec } from "../../workers/capture/run.ts";
import type { TextSpec } from "../../workers/models/text/spec.ts";
import type { Progress } from "../../workers/pace/progress.ts";
import { track } from "../state/busy.ts";
import type { CalibrationRef } from "../state/experiment.ts";
import { isAbort, messageOf, notify } from "../state/notices.ts";
import { perWorkbench, type Workbench } from "../state/workbench.ts";

export interface CapturingState {
  running: boolean;
  progress: Progress | null;
  /** What it takes, as soon as it is known. */
  plan: CapturePart | null;
}

const idle: CapturingState = { running: false, progress: null, plan: null };

export class Capturing {
  readonly store = createStore<CapturingState>(() => idle);
  readonly #w: Workbench;
  /** By reference: what else came out. */
  readonly #answers = new Map<string, CaptureAnswer>();
  readonly #tried = new Set<string>();
  #under: AbortController | null = null;

  constructor(w: Workbench) {
    this.#w = w;
  }

  /** Captures the open model on a text, and takes that as the calibration. A failure is told; one runs at a time. */
  async run(text: TextSpec, spec: Partial<CaptureSpec> = {}): Promise<CaptureAnswer | null> {
    return this.#run({ text, spec, named: null });
  }

  /** What a link names, captured anew: on the text that comes with the model, or on one that is given. */
  async again(ref: CalibrationRef, file: File | null = null): Promise<CaptureAnswer | null> {
    if (ref.kind !== "captured") return null;
    let text: TextName;
    try {
      ({ text } = parseReference(ref.text));
    } catch (error) {
      notify(messageOf(error), "error");
      return null;
    }
    if (typeof text === "string")
      return this.#run({ text: { kind: "bundled", part: text }, spec: {}, named: ref.text });
    return file && this.#run({ text: { kind: "file", file, name: file.name }, spec: {}, named: ref.text });
  }

  /** Captures what is asked for, and lists the activations of an open capture among the source's tensors. */
  follow(): void {
    void this.#named();
    const { status, info } = this.#w.calibration.store.getState();
    const source = this.#w.source.store.getState().info;
    if (!source) return;
    const open = status === "open" && info?.kind === "capture" ? info : null;
    const own = open !== null && isOfModel(open.metadata, source) !== false;
    this.#w.source.setActivations(
      own && open.tensors.length > 0 ? { source: open.id, tensors: open.tensors } : undefined,
    );
    const once = `${source.id} ${open?.id}`;
    if (!open || own || this.#tried.has(once)) return;
    this.#tried.add(once);
    notify(
      `These inputs were captured of ${open.metadata.model ?? "another model"}, and ${source.label} is open: layers of the same name and width take them all the same.`,
    );
  }

  /**
   * Captures what the experiment names, once for each source: where the text comes with the model, which is small then. Else somebody
   * has to give the text.
   */
  async #named(): Promise<void> {
    const { ref, status } = this.#w.calibration.store.getState();
    const { info } = this.#w.source.store.getState();
    if (ref?.kind !== "captured" || status !== "asked" || !info) return;
    const once = `${info.id} ${ref.text}`;
    if (this.#tried.has(once)) return;
    this.#tried.add(once);
    await this.again(ref);
  }

  /** What came out of a capture of this page; null for others. */
  answerOf(reference: string): CaptureAnswer | null {
    return this.#answers.get(reference) ?? null;
  }

  cancel(): void {
    this.#under?.abort();
  }

  /** Fits inputs to what the norms of the open model store, where there is no text, and takes them as the calibration. */
  async distil(): Promise<void> {
    const { client, source, calibration } = this.#w;
    const { info, status } = source.store.getState();
    if (!info || status !== "open") {
      notify("No model is open whose norms could be read.", "error");
      return;
    }
    this.#under?.abort();
    const under = new AbortController();
    this.#under = under;
    this.store.setState({ ...idle, running: true });
    try {
      const answer = await track(
        client.call(
          "distil",
          { source: info.id },
          { signal: under.signal, onProgress: (progress) => this.store.setState({ progress }) },
        ),
      );
      await calibration.openFiles([new File([answer.file], answer.name)], "capture", true);
      for (const note of answer.notes) notify(note);
    } catch (error) {
      if (!isAbort(error)) notify(messageOf(error), "error");
    } finally {
      if (this.#under === under) {
        this.#under = null;
        this.store.setState(idle);
      }
    }
  }

  async #run(request: Pick<CaptureRequest, "text" | "spec" | "named">): Promise<CaptureAnswer | null> {
    const { client, source, timeline, calibration } = this.#w;
    const { info, status } = source.store.getState();
    if (!info || status !== "open") {
      notify("No model is open whose inputs could be captured.", "error");
      return null;
    }
    this.#under?.abort();
    const under = new AbortController();
    this.#under = under;
    const { definitions } = timeline.getState().experiment;
    this.store.setState({ ...idle, running: true });
    try {
      const spec = { definitions, ...request.spec };
      const answer = await track(
        client.call(
          "capture",
          { source: info.id, device: null, ...request, spec },
          {
            signal: under.signal,
            onProgress: (progress) => this.store.setState({ progress }),
            onPart: (plan) => this.store.setState({ plan }),
          },
        ),
      );
      this.#answers.set(answer.reference, answer);
      calibration.takeCapture(answer.reference, [new File([answer.file], answer.name)]);
      for (const note of answer.notes) notify(note);
      if (answer.said !== null) notify(answer.said, "error");
      return answer;
    } catch (error) {
      if (!isAbort(error)) notify(messageOf(error), "error");
      return null;
    } finally {
      if (this.#under === under) {
        this.#under = null;
        this.store.setState(idle);
      }
    }
  }
}

/** That of a page. */
export const capturingOf = perWorkbench((w) => new Capturing(w));
