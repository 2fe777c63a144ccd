/** What is known of the weight's inputs: chosen, told with where it comes from, and cleared. */
import { useState } from "react";
import { printable } from "../../kernels/text/printable.ts";
import { DEFAULT_TOKENS, syntheticInfos, syntheticText } from "../../workers/calibration/synthetic.ts";
import { parseReference } from "../../workers/capture/reference.ts";
import type { CaptureAnswer } from "../../workers/capture/request.ts";
import type { CalibrationKind } from "../../workers/sources/spec.ts";
import { capturingOf } from "../captures/capturing.ts";
import { download } from "../files/download.ts";
import { pickFiles } from "../files/files.ts";
import { withCalibration } from "../state/experiment.ts";
import { describeFile } from "../state/source.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../state/workbench.ts";
import { Icon } from "../widgets/icons.tsx";
import { LazyMenu } from "../widgets/LazyMenu.tsx";
import type { MenuEntry, MenuSection } from "../widgets/menu.ts";

const kinds: Record<string, string> = {
  activations: "activations",
  gram: "Gram matrix",
  imatrix: "importance matrix",
  capture: "captured",
  synthetic: "synthetic",
};

/** Recipes for activations that people use, by what they are called beside a weight of 4 bits. */
const presets: readonly { id: string; text: string | null; label: string; lines: string[] }[] = [
  { id: "none", text: null, label: "As they are", lines: ["weights alone are quantized"] },
  {
    id: "int8",
    text: "int8/row",
    label: "INT8, a scale for each token (A8)",
    lines: ["int8/row, scales found as tokens come"],
  },
  { id: "e4m3", text: "e4m3/row", label: "E4M3, a scale for each token (A8)", lines: ["e4m3/row"] },
  {
    id: "static",
    text: "static int8/tensor",
    label: "INT8, one scale that stays (A8)",
    lines: ["static int8/tensor, from the calibration's largest value"],
  },
  { id: "int4", text: "int4/row", label: "INT4, a scale for each token (A4)", lines: ["int4/row"] },
  { id: "mxfp4", text: "mxfp4", label: "MXFP4 (A4)", lines: ["a scale for each 32 channels of a token"] },
];

export function Inputs({ atOnce }: { atOnce: boolean }) {
  const w = useWorkbench();
  const { status, ref, info, problem } = useStoreOf(w.calibration.store, (s) => s);
  const activations = useExperiment((e) => e.activations);
  const used = useStoreOf(w.runs.store, ({ a, b }) => (a.shown ?? b.shown)?.report.calibration);
  const choose = async (taken: CalibrationKind | null, folder = false) =>
    w.calibration.openFiles(await pickFiles(folder), taken);
  const capturing = capturingOf(w);
  const { running, progress } = useStoreOf(capturing.store, (s) => s);
  const asked = ref?.kind === "files" ? ref.fingerprints.map(describeFile).map(printable).join(", ") : "";
  const again = ref?.kind === "captured" && status === "asked" ? wordsOf(ref.text) : null;
  const made = ref?.kind === "captured" ? capturing.answerOf(ref.text) : null;
  const captureOn = async () => {
    const [file] = await pickFiles(false);
    if (file) await capturing.run({ kind: "file", file, name: file.name });
  };
  const captureAgain = async () => {
    if (ref) await capturing.again(ref, again?.file ? ((await pickFiles(false))[0] ?? null) : null);
  };
  const waiting = {
    none: "none",
    opening: "opening…",
    asked: ref?.kind === "captured" ? "to be captured" : "file asked for",
    failed: "could not be opened",
    open: "",
  };
  const label = status === "open" && info ? printable(info.label) : waiting[status];
  const file = (id: string, text: string, line: string, run: () => void): MenuEntry => ({
    ...{ id, label: text, lines: [line], enabled: true, run },
  });
  const sections = (): MenuSection[] => [
    {
      label: "What is known of the inputs",
      entries: [
        file("file", "From a file…", "activations or a Gram matrix (.npy, .safetensors), llama.cpp's imatrix", () =>
          choose(null),
        ),
        file("gram", "Gram matrix from a file…", "where it is stored as float32", () => choose("gram")),
        file("folder", "Captured folder…", "statistics of each layer, by the names of its weights", () =>
          choose("capture", true),
        ),
        {
          ...{ id: "none", label: "Nothing", lines: ["no output error"], chosen: ref === null, enabled: true },
          run: () => w.timeline.change((e) => withCalibration(e, null)),
        },
      ],
    },
    {
      label: "Captured of the open model",
      entries: [
        file(
          "capture",
          "On the text that comes with it",
          "16 windows of 512 tokens of the part that judges nothing",
          () => capturing.run({ kind: "bundled", part: "calibrate" }),
        ),
        file("capture-file", "On a text file…", "16 windows of 512 tokens, drawn where it has more", captureOn),
        file(
          "capture-a",
          "Under layers that recipe A quantized",
          "layer after layer, with what qronos and gptaq ask for",
          () =>
            capturing.run({ kind: "bundled", part: "calibrate" }, { sequential: w.timeline.getState().experiment.a }),
        ),
        file(
          "capture-gradients",
          "With gradients at the outputs",
          "of the loss on that text: takes four times as long",
          () => capturing.run({ kind: "bundled", part: "calibrate" }, { gradients: true }),
        ),
        file(
          "capture-attention",
          "With queries, keys and values",
          "of the first window: caches and attention have recipes of their own",
          () => capturing.run({ kind: "bundled", part: "calibrate" }, { attention: true }),
        ),
        file(
          "distil",
          "Without a text: distilled from its norms",
          "rows with the size that the norms give each channel (ZeroQ), where no text is at hand",
          () => capturing.distil(),
        ),
        ...(made ? savings(made) : []),
      ],
    },
    {
      label: "Synthetic inputs",
      entries: syntheticInfos.map(({ name, label: called, describe }): MenuEntry => {
        const text = syntheticText({ name, tokens: DEFAULT_TOKENS, seed: 1 });
        const chosen = ref?.kind === "synthetic" && ref.text.startsWith(`${name}(`);
        const run = () => w.timeline.change((e) => withCalibration(e, { kind: "synthetic", text }));
        return { id: name, label: called, lines: [describe], chosen, enabled: true, run };
      }),
    },
    {
      label: "Activations are quantized",
      entries: presets.map(({ id, text, label: called, lines }) => ({
        ...{ id: `act-${id}`, label: called, lines, chosen: activations === text, enabled: status === "open" },
        run: () => w.timeline.change((e) => ({ ...e, activations: text })),
      })),
    },
  ];
  const facts =
    used && `${kinds[used.kind]}${used.tokens === null ? "" : `, ${used.tokens.toLocaleString("en")} tokens`}`;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-1.5" data-inputs={status}>
      <span className="label">inputs</span>
      <LazyMenu
        label={`Inputs: ${label}`}
        className="min-w-0 max-w-72"
        atOnce={atOnce}
        sections={sections}
        trigger={
          <>
            <span className="truncate">{label}</span>
            <Icon name="chevron" className="text-muted" />
          </>
        }
      />
      {running && (
        <>
          <span role="status">
            capturing{progress ? ` ${Math.floor((100 * progress.done) / Math.max(1, progress.total))} %` : "…"}
          </span>
          <button type="button" className="btn" onClick={() => capturing.cancel()}>
            Cancel
          </button>
        </>
      )}
      {again && !running && (
        <button type="button" className="btn" onClick={captureAgain} title={again.title}>
          {again.label}
        </button>
      )}
      {status === "open" && facts && <span title={`SHA-256 of its values: ${used.digest}`}>{facts}</span>}
      {status === "open" && <ActivationsField key={activations ?? ""} text={activations} />}
      {status === "asked" && asked !== "" && (
        <button type="button" className="btn" onClick={() => choose(null)}>
          Choose {asked}…
        </button>
      )}
      {status === "failed" && (
        <span role="alert" className="flex items-center gap-1 text-bad">
          <Icon name="warning" />
          {problem && printable(problem)}
        </span>
      )}
    </div>
  );
}

/** How a capture that a link names is asked for: which text, and whether it has to be given. */
function wordsOf(reference: string): { label: string; title: string; file: boolean } | null {
  try {
    const { windows, tokens, text } = parseReference(reference);
    const file = typeof text !== "string";
    const on = file ? printable(text.name || "the text that was typed") : "its own text";
    return { label: `Capture on ${on}${file ? "…" : ""}`, title: `${windows} windows of ${tokens} tokens`, file };
  } catch {
    return null;
  }
}

/** What was captured as files. */
const savings = ({ file, name, imatrix }: CaptureAnswer): MenuEntry[] => [
  {
    ...{ id: "save", label: "Save what was captured…", lines: ["safetensors, opens again here"], enabled: true },
    run: () => download(file, name, "application/octet-stream"),
  },
  {
    ...{
      id: "imatrix",
      label: "Save as llama.cpp's imatrix…",
      lines: ["GGUF, mean squares"],
      enabled: imatrix !== null,
    },
    run: () => imatrix && download(imatrix, "imatrix.gguf", "application/octet-stream"),
  },
];

/** The recipe for activations as text; empty for none. A mistake in it is told where results are. */
function ActivationsField({ text }: { text: string | null }) {
  const { timeline } = useWorkbench();
  const [draft, setDraft] = useState(text ?? "");
  const commit = () => {
    const next = draft.trim();
    timeline.change((e) => ({ ...e, activations: next === "" ? null : next }));
  };
  return (
    <label className="flex items-center gap-1.5">
      <span className="label">activations</span>
      <input
        className="field w-32 font-mono"
        aria-label="Recipe for activations"
        placeholder="as they are"
        spellCheck={false}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </label>
  );
}
