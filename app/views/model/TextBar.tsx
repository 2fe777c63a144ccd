/** What the model is judged on: the text, how it is cut into windows, and what computes. */
import { useEffect, useRef, useState } from "react";
import { formatBytes } from "../../../workers/bytes/format-bytes.ts";
import { pickFiles } from "../../files/files.ts";
import { messageOf, notify } from "../../state/notices.ts";
import { describeFile } from "../../state/source.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Icon } from "../../widgets/icons.tsx";
import { LazyMenu } from "../../widgets/LazyMenu.tsx";
import { NumberField } from "./NumberField.tsx";
import { devices, type ModelState } from "./state.ts";
import { nameOfText, parseText, printText, type TextChoice } from "./text-choice.ts";
import { holdFile, holdPasted, specOf, textsOf } from "./texts.ts";

interface Props {
  state: ModelState;
  /** Whether a text comes with the model itself; else the bundled model's is taken. */
  bundled: boolean;
  onChange: (some: Partial<ModelState>, merge?: string) => void;
}

export function TextBar({ state, bundled, onChange }: Props) {
  const w = useWorkbench();
  const held = useStoreOf(textsOf(w), (s) => s);
  const [pasting, setPasting] = useState(false);
  const choice = parseText(state.text);
  const missing = choice !== null && choice.kind !== "bundled" && specOf(choice, held) === null;
  const take = (next: TextChoice) =>
    onChange({ text: next.kind === "bundled" && next.part === "judge" ? null : printText(next) });
  const fromFile = async () => {
    const [file] = await pickFiles(false);
    if (!file) return;
    try {
      const next = await holdFile(textsOf(w), file);
      const asked = missing && choice.kind === "file" ? choice.fingerprint : null;
      if (asked && next.kind === "file" && next.fingerprint.digest !== asked.digest)
        notify(
          `This is another text: the link is about ${describeFile(asked)}, you gave ${describeFile(next.fingerprint)}.`,
          "error",
        );
      // What a link asks for keeps its name there.
      else if (!asked) take(next);
    } catch (error) {
      notify(messageOf(error), "error");
    }
  };
  const whose = bundled ? "the model's own" : "that of the bundled model";
  const label = choice ? nameOfText(choice) : "text unknown";
  const count = (key: "length" | "windows" | "seed", name: string, least: number) => (
    <span className="flex items-center gap-1">
      <span aria-hidden="true" className="label">
        {name}
      </span>
      <NumberField
        name={name}
        value={state[key]}
        least={least}
        onCommit={(value) => onChange({ [key]: value }, `model ${key}`)}
      />
    </span>
  );
  return (
    <div className="relative flex min-w-0 items-center gap-x-2 gap-y-1 max-[1199px]:flex-wrap min-[1200px]:shrink-0">
      <LazyMenu
        label={`Text: ${label}`}
        className="max-w-56"
        sections={() => [
          {
            label: "The text that judges",
            entries: [
              {
                ...{ id: "judge", label: "Held-out text", lines: [`${whose}, its first 40,000 characters`] },
                ...{ chosen: choice?.kind === "bundled" && choice.part === "judge", enabled: true },
                run: () => take({ kind: "bundled", part: "judge" }),
              },
              {
                ...{
                  id: "calibrate",
                  label: "Calibration text",
                  lines: [`the rest of ${whose}: what inputs are captured on`],
                },
                ...{ chosen: choice?.kind === "bundled" && choice.part === "calibrate", enabled: true },
                run: () => take({ kind: "bundled", part: "calibrate" }),
              },
              {
                id: "file",
                label: "From a file…",
                lines: ["plain text, UTF-8"],
                enabled: true,
                run: () => void fromFile(),
              },
              { id: "paste", label: "Type or paste…", enabled: true, run: () => setPasting(true) },
            ],
          },
        ]}
        trigger={
          <>
            <span className="truncate">{label}</span>
            <Icon name="chevron" className="text-muted" />
          </>
        }
      />
      {missing && choice.kind === "file" && (
        <button type="button" className="btn" onClick={() => void fromFile()}>
          Choose {describeFile(choice.fingerprint)}…
        </button>
      )}
      {missing && choice.kind === "long" && (
        <button type="button" className="btn" onClick={() => setPasting(true)}>
          Paste the link's text ({choice.size.toLocaleString("en")} bytes)…
        </button>
      )}
      {count("length", "tokens a window", 2)}
      <label className="flex items-center gap-1">
        <span className="label">stride</span>
        <select
          className="field text-xs"
          value={state.stride}
          onChange={(event) => onChange({ stride: Number(event.currentTarget.value) })}
        >
          {[...new Set([0, state.length >> 1, state.length >> 2, state.stride])]
            .filter((n) => n <= state.length)
            .map((n) => (
              <option key={n} value={n}>
                {n === 0 ? "a window" : n}
              </option>
            ))}
        </select>
      </label>
      {count("windows", "most windows", 1)}
      {count("seed", "seed", 0)}
      <label className="flex items-center gap-1">
        <span className="label">runs on</span>
        <select
          className="field text-xs"
          value={state.device}
          onChange={(event) => onChange({ device: event.currentTarget.value as ModelState["device"] })}
        >
          {devices.map((device) => (
            <option key={device} value={device}>
              {{ auto: "the best", webgpu: "WebGPU", wasm: "WebAssembly" }[device]}
            </option>
          ))}
        </select>
      </label>
      <label
        className="flex items-center gap-1"
        title="What weights and hidden states may take. A model that takes more passes layer by layer, all windows together, with the same figures."
      >
        <span className="label">memory</span>
        <select
          className="field text-xs"
          value={state.memory}
          onChange={(event) => onChange({ memory: Number(event.currentTarget.value) })}
        >
          {[...new Set([0, 64, 256, 1000, 4000, 16000, state.memory])]
            .sort((x, y) => x - y)
            .map((megabytes) => (
              <option key={megabytes} value={megabytes}>
                {megabytes === 0 ? "usual" : formatBytes(1e6 * megabytes)}
              </option>
            ))}
        </select>
      </label>
      {pasting && (
        <PasteBox
          onClose={() => setPasting(false)}
          onText={async (text) => {
            setPasting(false);
            take(await holdPasted(textsOf(w), text));
          }}
        />
      )}
    </div>
  );
}

function PasteBox({ onClose, onText }: { onClose: () => void; onText: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  useEffect(() => field.current?.focus(), []);
  return (
    <div
      role="dialog"
      aria-label="A text of your own"
      tabIndex={-1}
      className="popup absolute top-full left-0 z-30 mt-1 flex w-[min(36rem,calc(100vw-24px))] flex-col gap-2 p-2.5"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <textarea
        ref={field}
        rows={8}
        aria-label="Text"
        className="field resize-y py-1 font-mono text-xs pointer-coarse:text-base"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="flex items-center gap-2">
        <span className="mr-auto text-muted text-xs">
          It stays on this machine; a link holds up to 1,000 characters of it, or its digest.
        </span>
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
        <button type="button" className="btn btn-main" disabled={text.trim() === ""} onClick={() => onText(text)}>
          Use this text
        </button>
      </div>
    </div>
  );
}
