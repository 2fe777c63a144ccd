/** Which source is open. Local files are held for the session only: links and the browser's memory know fingerprints. */
import { createStore } from "zustand/vanilla";
import type { RawSpec } from "../../workers/checkpoints/raw.ts";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { findTensor } from "../../workers/layouts/address.ts";
import type { Sample } from "../../workers/samples/list.ts";
import type { Fingerprint, SourceInfo } from "../../workers/sources/info.ts";
import type { AccessToken, SourceSpec } from "../../workers/sources/spec.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { Access } from "./access.ts";
import { track } from "./busy.ts";
import { type Experiment, type SourceRef, same, withSource, withTensor } from "./experiment.ts";
import { isAbort, messageOf, notify } from "./notices.ts";
import type { Timeline } from "./timeline.ts";

export interface SourceState {
  /** What `info` or `problem` is about. */
  ref: SourceRef | null;
  status: "opening" | "open" | "asked" | "failed";
  /** The open source; while the next one opens, the one before. */
  info: SourceInfo | null;
  problem: string | null;
  samples: Sample[];
  /** A file that says nothing about itself, waiting to be described. */
  undescribed: File | null;
}

/** `4.6 MB`, in powers of ten as file managers print it. */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

export const describeFile = (f: { name: string; size: number }) => `${f.name} (${formatSize(f.size)})`;

/** Every file that is asked for is among those given; names may differ, since people rename files. */
export function fingerprintsMatch(asked: Fingerprint[], given: Fingerprint[]): boolean {
  return asked.every((f) => given.some((g) => g.digest === f.digest && g.size === f.size));
}

/**
 * The tensor to show first: the sample's own choice, else the first that is a matrix, else the first that opens, else the
 * first there is, which says what is wrong with it.
 */
export function firstTensor(info: SourceInfo, preferred?: string): TensorInfo | undefined {
  const usable = info.tensors.filter((t) => !t.problem && t.elements > 0);
  return (
    usable.find((t) => t.name === preferred) ?? usable.find((t) => t.shape.length >= 2) ?? usable[0] ?? info.tensors[0]
  );
}

const twinOf = (source: { twin?: string } | null) => (source?.twin ? { twin: source.twin } : {});

const LONGEST_EXPERIMENT = 8_000_000;

export class SourceKeeper {
  readonly store = createStore<SourceState>(() => ({
    ref: null,
    status: "opening",
    info: null,
    problem: null,
    samples: [],
    undescribed: null,
  }));
  private readonly held: { fingerprints: Fingerprint[]; files: File[]; raw?: RawSpec }[] = [];
  private opening: AbortController | null = null;
  private readonly access = new Access();
  private readonly retired = new Set<string>();

  constructor(
    private readonly client: WorkbenchClient,
    private readonly timeline: Timeline,
    private readonly loadExperiment: (text: string) => boolean,
    private readonly openModule: (file: File) => Promise<void>,
  ) {
    timeline.subscribe((state) => void this.follow(state.experiment));
  }

  start(): void {
    this.listSamples().finally(() => this.follow(this.timeline.getState().experiment));
  }

  private listSamples(): Promise<void> {
    return track(this.client.call("samples", {}))
      .then((samples) => this.store.setState({ samples }))
      .catch((error) => void notify(messageOf(error), "error"));
  }

  /** Opens the source the experiment names, if it is not the open one. */
  private async follow(experiment: Experiment): Promise<void> {
    const { source } = experiment;
    if (same(source, this.store.getState().ref)) return this.settleTensor();
    this.opening?.abort();
    this.opening = null;
    const spec = this.specOf(source);
    if (spec) return this.open(source, spec);
    this.replace({ ref: source, status: "asked", info: null, problem: null });
  }

  /** What the workers open for a source; null where its files are not at hand, or its server is not yet allowed. */
  specOf(source: SourceRef): SourceSpec | null {
    if (source.kind === "url") {
      if (!this.access.allows(source.url)) return null;
      const token = this.access.tokenFor(source.url);
      return token ? { ...source, token } : source;
    }
    if (source.kind !== "files") return source;
    const held = this.held.find(
      (h) => fingerprintsMatch(source.fingerprints, h.fingerprints) && same(h.raw, source.raw),
    );
    return held ? { kind: "files", files: held.files, raw: held.raw, ...twinOf(source) } : null;
  }

  /** Lets the page read from an address's server: a person said so. */
  allow(address: string): void {
    this.access.allow(address);
  }

  /** Keeps files at hand for as long as the page is open. */
  hold(fingerprints: Fingerprint[], files: File[], raw?: RawSpec): void {
    this.held.push({ fingerprints, files, raw });
  }

  private async open(ref: SourceRef, spec: SourceSpec): Promise<void> {
    const opening = new AbortController();
    this.opening = opening;
    this.store.setState({ ref, status: "opening", problem: null });
    try {
      const info = await track(this.client.open(spec, { signal: opening.signal }));
      if (this.opening !== opening) return void this.client.close(info.id).catch(() => {});
      this.accept(ref, info);
    } catch (error) {
      if (this.opening !== opening || isAbort(error)) return;
      this.replace({ ref, status: "failed", info: null, problem: messageOf(error) });
    }
  }

  private replace(next: Pick<SourceState, "ref" | "status" | "info" | "problem">): void {
    const before = this.store.getState().info;
    this.store.setState(next);
    if (before && before.id !== next.info?.id) this.retired.add(before.id);
  }

  /** Closes the sources that were replaced, but for those that are still looked at. */
  closeUnused(inUse: readonly string[]): void {
    for (const id of this.retired) {
      if (inUse.includes(id)) continue;
      this.retired.delete(id);
      this.client.close(id).catch(() => {});
    }
  }

  private accept(ref: SourceRef, info: SourceInfo): void {
    this.replace({ ref, status: "open", info, problem: null });
    for (const note of info.notes) notify(note);
    this.settleTensor();
  }

  /** Activations that were captured of the open source's model, as tensors beside its own; none any more. */
  setActivations(activations: SourceInfo["activations"]): void {
    const { info } = this.store.getState();
    if (!info || info.activations?.source === activations?.source) return;
    const { activations: _, ...own } = info;
    this.store.setState({ info: activations ? { ...own, activations } : own });
    this.settleTensor();
  }

  /** Gives the experiment a tensor that exists. */
  private settleTensor(): void {
    const { info, status, ref, samples } = this.store.getState();
    const { tensor, calibration } = this.timeline.getState().experiment;
    if (!info || status !== "open" || findTensor(info, tensor)) return;
    // What a link names as captured has tensors, too, once it is.
    if (tensor !== null && calibration?.kind === "captured" && !info.activations) return;
    const preferred = ref?.kind === "sample" ? samples.find((s) => s.id === ref.id)?.open : undefined;
    const first = firstTensor(info, preferred);
    if (tensor !== null) {
      notify(
        `${info.label} has no tensor called “${tensor}”${first ? `; ${first.name} is shown instead` : ""}.`,
        "error",
      );
    }
    if (!first) return;
    // A link that names no tensor may still say how to look at the one that opens.
    this.timeline.settle((e) =>
      tensor === null ? { ...withTensor(e, first), view: e.view, kept: e.kept } : withTensor(e, first),
    );
  }

  /**
   * Opens dropped or chosen files: an experiment's file loads that experiment, a module becomes a quantizer, the files a link asks for complete it,
   * anything else becomes the source.
   */
  async openFiles(files: File[], raw?: RawSpec, instead = false): Promise<void> {
    if (files.length === 0) return;
    const [only] = files;
    if (files.length === 1 && /\.wasm$/i.test(only.name)) return this.openModule(only);
    if (files.length === 1 && /\.json$/i.test(only.name) && only.size < LONGEST_EXPERIMENT) {
      if (this.loadExperiment(await track(only.text()))) return;
    }
    const state = this.store.getState();
    const asked = state.status === "asked" && state.ref?.kind === "files" && !instead ? state.ref : null;
    const description = raw ?? asked?.raw;
    const opening = new AbortController();
    this.opening?.abort();
    this.opening = opening;
    try {
      const spec: SourceSpec = { kind: "files", files, raw: description, ...twinOf(asked) };
      const info = await track(this.client.open(spec, { signal: opening.signal }));
      if (this.opening !== opening) return void this.client.close(info.id).catch(() => {});
      if (asked && !fingerprintsMatch(asked.fingerprints, info.fingerprints)) {
        this.client.close(info.id).catch(() => {});
        return this.refuse(asked.fingerprints, info.fingerprints, files, raw);
      }
      const fingerprints = asked?.fingerprints ?? info.fingerprints;
      this.hold(info.fingerprints, files, description);
      const ref: SourceRef = { kind: "files", fingerprints, raw: description, ...twinOf(asked) };
      this.replace({ ref, status: "open", info, problem: null });
      for (const note of info.notes) notify(note);
      // The open source is the experiment's before the experiment asks for it, so that nothing is opened twice.
      if (asked) this.settleTensor();
      else this.timeline.change((e) => withSource(e, ref));
    } catch (error) {
      if (this.opening !== opening || isAbort(error)) return;
      const describe = files.length === 1 && !raw ? only : null;
      notify(
        messageOf(error),
        "error",
        describe
          ? { label: "Read as raw numbers…", run: () => this.store.setState({ undescribed: describe }) }
          : undefined,
      );
    }
  }

  /** Opens what an address leads to, at the person's own word. Rejects with a sentence, or with AbortError. */
  async openAddress(address: string, token: AccessToken | null, signal: AbortSignal): Promise<void> {
    this.opening?.abort();
    this.opening = null;
    this.access.allow(address, token);
    const info = await track(this.client.open({ kind: "url", url: address, ...(token && { token }) }, { signal }));
    const url = info.address ?? address;
    this.access.allow(url);
    const ref: SourceRef = { kind: "url", url };
    const asked = same(ref, this.store.getState().ref);
    this.replace({ ref, status: "open", info, problem: null });
    for (const note of info.notes) notify(note);
    if (asked) this.settleTensor();
    else this.timeline.change((e) => withSource(e, ref));
  }

  /** Reads the address that a link asks for, or tries again what failed. */
  readAsked(): void {
    const { ref, status } = this.store.getState();
    if (ref?.kind !== "url" || status === "open") return;
    this.access.allow(ref.url);
    void this.open(ref, this.specOf(ref) ?? ref);
  }

  /** Opens once more what could not be opened. */
  tryAgain(): void {
    const { ref, status, samples } = this.store.getState();
    if (ref === null || status !== "failed") return;
    if (ref.kind === "url") this.access.allow(ref.url);
    const spec = this.specOf(ref);
    if (spec) void this.open(ref, spec);
    if (samples.length === 0) void this.listSamples();
  }

  private refuse(asked: Fingerprint[], given: Fingerprint[], files: File[], raw?: RawSpec): void {
    const wanted = asked.map(describeFile).join(", ");
    const got = given.map(describeFile).join(", ");
    const sameName = asked.some((a) => given.some((g) => g.name === a.name && g.size === a.size));
    notify(
      `This is another file: the link is about ${wanted}, you gave ${got}${sameName ? ", whose content differs" : ""}.`,
      "error",
      { label: "Open it anyway", run: () => void this.openFiles(files, raw, true) },
    );
  }

  describeLater(): void {
    this.store.setState({ undescribed: null });
  }
}
